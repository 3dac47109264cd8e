"""Rules about telling people: what is to be said is a row, written with the change it tells of."""

import math
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction as database
from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from offers import texts
from offers.models import Notice, Subscription, Transaction
from offers.texts import Facts, Words

DAY = timedelta(days=1)
REMINDS_BEFORE = {Notice.Kind.EXPIRING_3: 3 * DAY, Notice.Kind.EXPIRING_1: DAY}


def announce(
    *, kind: Notice.Kind, subscription: Subscription, about: str, transaction: Transaction | None = None
) -> None:
    """One notice for each channel the subscription's person can be reached by; telling it again adds none.

    `about` is what the notice is about, such as a transaction's public id or the expiry that comes near: together
    with the kind, the channel and the person it is said once.
    """
    user = subscription.user
    if user is None or not user.is_active:
        return
    reachable = {Notice.Channel.EMAIL: user.email, Notice.Channel.SMS: user.phone}
    Notice.objects.bulk_create(
        (
            Notice(
                account_id=subscription.account_id,
                user=user,
                subscription=subscription,
                transaction=transaction,
                kind=kind,
                channel=channel,
                about=about,
            )
            for channel, address in reachable.items()
            if address
        ),
        ignore_conflicts=True,
    )


@database.atomic
def send_again(*, notice_id: int, by: Actor) -> Notice:
    """Staff have looked at a notice that failed or is in doubt, and want it sent: IllegalMove for any other."""
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    before = {"status": notice.status, "attempts": notice.attempts}
    notice.move_to(Notice.Status.WAITING)
    notice.attempts, notice.due_at, notice.reason = 0, timezone.now(), ""
    notice.save(update_fields=["status", "attempts", "due_at", "reason"])
    audit.record(by, "send_again", notice, account_id=notice.account_id, before=before)
    return notice


def address_of(notice: Notice) -> str:
    """Where it goes now; empty when its person can no longer be told this way."""
    user = notice.user
    if not user.is_active or user.account_id != notice.account_id:
        return ""
    return user.email if notice.channel == Notice.Channel.EMAIL else user.phone


def is_outdated(notice: Notice) -> bool:
    """Whether what it says is no longer true: renewed since, or over before anybody could be reminded."""
    subscription = notice.subscription
    if notice.kind == Notice.Kind.EXPIRED:
        return subscription.status != Subscription.Status.EXPIRED
    if notice.kind not in REMINDS_BEFORE:
        return False
    if subscription.status != Subscription.Status.ACTIVE or subscription.expires_at is None:
        return True
    left = subscription.expires_at - timezone.now()
    return not timedelta() < left <= REMINDS_BEFORE[Notice.Kind(notice.kind)] + DAY


def words_of(notice: Notice) -> Words:
    """What it says, in the account's language and time zone, with the balance as it was when it was claimed."""
    write = texts.mail if notice.channel == Notice.Channel.EMAIL else texts.sms
    return write(_facts(notice), notice.account.language)


def _facts(notice: Notice) -> Facts:
    subscription, order = notice.subscription, notice.transaction
    offer, until = subscription.offer, subscription.expires_at
    left = until - timezone.now() if until else timedelta()
    return Facts(
        kind=notice.kind,
        offer=offer.name,
        renewal=order is not None and order.kind == Transaction.Kind.RENEWAL,
        sold=offer.is_active,
        amount=order.amount if order else offer.price,
        price=offer.price,
        balance=notice.account.balance,
        until=until.astimezone(ZoneInfo(notice.account.time_zone)) if until else None,
        days=math.ceil(left / DAY),
        transaction=str(order.public_id) if order else "",
    )
