"""The rules of alerts: raised with the change they tell about, told once each."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Account, User
from bots import texts
from bots.models import Alert

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8


def raise_alert(*, account_id: int, kind: Alert.Kind, **facts: str) -> Alert:
    """Something the owner has to know, in the account's language; in the transaction of the change itself."""
    language = Account.objects.values_list("language", flat=True).get(pk=account_id)
    return Alert.objects.create(
        account_id=account_id, kind=kind, text=texts.ALERTS[kind].plain(language, **facts)
    )


@transaction.atomic
def claim_alert() -> Alert | None:
    """Takes one alert nobody was told yet, for this worker alone."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=timezone.now())
    waiting = Alert.objects.filter(free, mailed_at__isnull=True, attempts__lt=MOST_ATTEMPTS)
    alert = waiting.select_for_update(skip_locked=True).order_by("pk").first()
    if alert:
        alert.attempts, alert.leased_until = F("attempts") + 1, timezone.now() + LEASE
        alert.save(update_fields=["attempts", "leased_until"])
    return alert


def addresses_of(account_id: int) -> list[str]:
    """Everybody who acts for the account and gave an address."""
    users = User.objects.filter(account_id=account_id, is_active=True).exclude(email="")
    return list(users.values_list("email", flat=True))


def record_told(*, alert_id: int) -> None:
    """The mail server took it; when this is lost, the owner hears it twice rather than never."""
    Alert.objects.filter(pk=alert_id).update(mailed_at=timezone.now())
