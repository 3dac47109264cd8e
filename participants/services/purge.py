"""What is kept for too long goes: one table of kinds, small batches, each with its entry in the audit trail."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone

from accounts import audit, logins
from accounts.audit import SYSTEM
from accounts.models import AuditEntry, User
from bots.models import MemberChange, Subscriber
from bots.services import members, subscribers
from broadcasts.models import Recipient
from broadcasts.services import erasing
from participants.models import Captcha, Entry, Person
from webhooks import services as webhooks
from webhooks.models import Delivery as WebhookDelivery

AT_A_TIME = 5_000
MOST_BATCHES = 400  # of one kind and run: what is left is tomorrow's
LOCK = 0x7065_7267  # of PostgreSQL's advisory locks: one purge at a time, however many workers


def forget_captchas(*, before: datetime, most: int) -> int:
    """Questions long over, and people who came, never solved theirs and entered nothing."""
    over = Captcha.objects.filter(Q(solved_at__lt=before) | Q(solved_at__isnull=True, expires_at__lt=before))
    gone = Captcha.objects.filter(pk__in=over.values("pk")[:most]).delete()[0]
    came = Person.objects.filter(
        ~Exists(Entry.objects.filter(person=OuterRef("pk"))),
        created_at__lt=before,
        captcha_passed_at__isnull=True,
        captcha__isnull=True,
    ).exclude(captcha_blocked_until__gte=before)
    return gone + Person.objects.filter(pk__in=came.values("pk")[:most]).delete()[0]


def forget_people(*, before: datetime, most: int) -> int:
    """Whoever entered nothing and spoke to no bot since then is forgotten as if they had asked."""
    entered = Entry.objects.filter(person=OuterRef("pk"), joined_at__gte=before)
    seen = Subscriber.objects.filter(chat_id=OuterRef("telegram_id"), seen_at__gte=before)
    idle = Person.objects.filter(
        created_at__lt=before, forget_asked_at__isnull=True, forgotten_at__isnull=True
    )
    rows = idle.filter(~Exists(entered), ~Exists(seen)).order_by("pk")[:most]
    return Person.objects.filter(pk__in=rows.values("pk")).update(forget_asked_at=timezone.now())


KINDS: tuple[tuple[str, type[Model], Callable[..., int]], ...] = (
    ("KEEP_MEMBERSHIPS_DAYS", MemberChange, members.forget_changes),
    ("KEEP_CAPTCHAS_DAYS", Captcha, forget_captchas),
    ("KEEP_UNREACHABLE_DAYS", Subscriber, subscribers.forget_unreachable),
    ("KEEP_RECIPIENTS_DAYS", Recipient, erasing.erase_old),
    ("KEEP_ADDRESSES_DAYS", AuditEntry, audit.forget_addresses),
    ("KEEP_ADDRESSES_DAYS", User, logins.forget_attempts),
    ("KEEP_PEOPLE_DAYS", Person, forget_people),
    ("KEEP_WEBHOOK_LOG_DAYS", WebhookDelivery, webhooks.forget_deliveries),
)


def purge() -> dict[str, int]:
    """Everything older than its setting says; how many rows by kind. Safe to run twice, safe to kill anywhere."""
    return {kind._meta.model_name or "": _purge(*row) for row in KINDS for kind in [row[1]]}


def _purge(setting: str, kind: type[Model], forget: Callable[..., int]) -> int:
    days, gone = settings.KEEP_DAYS[setting], 0
    if not days:
        return 0
    before = timezone.now() - timedelta(days=days)
    for _ in range(MOST_BATCHES):
        number = _batch(kind, forget, before)
        gone += number
        if not number:
            break
    return gone


@transaction.atomic
def _batch(kind: type[Model], forget: Callable[..., int], before: datetime) -> int:
    """One batch and its audit entry together; nothing while another worker purges."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    number = forget(before=before, most=AT_A_TIME)
    if number:
        audit.record_many(SYSTEM, "purge", kind, number=number, before=before.isoformat())
    return number
