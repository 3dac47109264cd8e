"""The rules of alerts: raised with the change they tell about, told once by mail and once by Telegram."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Account, User
from bots import texts
from bots.answers import Answer, Outcome
from bots.models import Alert, LinkedOwner, Telling
from webhooks import services as webhooks

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 12  # about half a day
LONGEST_PAUSE = timedelta(hours=1)


def raise_alert(*, account_id: int, kind: Alert.Kind, **facts: str) -> Alert:
    """Something the owner has to know, in the account's language; in the transaction of the change itself."""
    language = Account.objects.values_list("language", flat=True).get(pk=account_id)
    alert = Alert.objects.create(
        account_id=account_id, kind=kind, text=texts.ALERTS[kind].plain(language, **facts)
    )
    linked = LinkedOwner.objects.filter(user__account_id=account_id, chat_id__isnull=False)
    users = linked.values_list("user_id", flat=True).distinct()
    Telling.objects.bulk_create([Telling(alert=alert, user_id=user_id) for user_id in users])
    return alert


@transaction.atomic
def alert_failing_webhook() -> bool:
    """An endpoint of webhooks fails and its owner has not heard of it: once each time. False when there is none."""
    endpoint = webhooks.claim_failing()
    if endpoint:
        facts = {"number": str(endpoint.pk), "host": webhooks.host_of(endpoint)}
        raise_alert(account_id=endpoint.account_id, kind=Alert.Kind.WEBHOOK_FAILING, **facts)
    return endpoint is not None


@transaction.atomic
def claim_alert() -> Alert | None:
    """Takes one alert nobody was told yet, for this worker alone."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=timezone.now())
    waiting = Alert.objects.filter(free, mailed_at__isnull=True, attempts__lt=MOST_ATTEMPTS)
    alert = waiting.select_for_update(skip_locked=True).order_by("pk").first()
    if alert:
        alert.leased_until = timezone.now() + _pause(alert.attempts)
        alert.attempts = F("attempts") + 1
        alert.save(update_fields=["attempts", "leased_until"])
    return alert


def _pause(attempts: int) -> timedelta:
    """Until the next try of what failed, or whose worker died: longer each time."""
    return min(LEASE * int(2 ** min(attempts, 8)), LONGEST_PAUSE)


def addresses_of(account_id: int) -> list[str]:
    """Everybody who acts for the account and gave an address."""
    users = User.objects.filter(account_id=account_id, is_active=True).exclude(email="")
    return list(users.values_list("email", flat=True))


def record_told(*, alert_id: int) -> None:
    """The mail server took it; when this is lost, the owner hears it twice rather than never."""
    Alert.objects.filter(pk=alert_id).update(mailed_at=timezone.now())


# --- by Telegram ---------------------------------------------------------------------------------------------
@transaction.atomic
def claim_telling() -> Telling | None:
    """Takes one alert for one user that is due, for this worker alone."""
    rows = Telling.objects.due().select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")
    row = rows.select_related("alert", "user").first()
    if row:
        row.due_at = timezone.now() + _pause(row.attempts)
        row.attempts += 1
        row.save(update_fields=["due_at", "attempts"])
    return row


def give_up(telling: Telling, why: str) -> None:
    """This user is not told this by Telegram; the mail is not touched by that."""
    Telling.objects.filter(pk=telling.pk, told_at__isnull=True).update(given_up=why[:64])


def record_telling(*, telling: Telling, bot_id: int, answer: Answer) -> None:
    """What Telegram said. A bot that cannot write to the user, or not at all, leaves it to the next one at once; in
    doubt the owner hears it twice rather than never."""
    row = Telling.objects.filter(pk=telling.pk, told_at__isnull=True)
    if answer.ok:
        row.update(told_at=timezone.now(), bot_id=bot_id)
    elif telling.attempts >= MOST_ATTEMPTS:
        row.update(given_up=answer.kind[:64])
    elif answer.outcome in (Outcome.RECIPIENT, Outcome.RIGHTS, Outcome.BOT_DEAD):
        row.update(due_at=timezone.now())
    elif answer.outcome is Outcome.FLOOD:
        row.update(due_at=timezone.now() + timedelta(seconds=answer.retry_after))
    elif answer.outcome not in (Outcome.NOT_SENT, Outcome.UNKNOWN):
        row.update(given_up=answer.kind[:64])
