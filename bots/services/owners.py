"""The rules of owners on Telegram: linked by a code that works once, and reached by the bots they are linked to."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from accounts.models import User
from bots.crypto import keyed_digest
from bots.errors import NoBotToLink
from bots.models import Bot, LinkedOwner, Subscriber

CODE_LIFE = timedelta(minutes=15)
PREFIX = "link_"


@transaction.atomic
def request_link(*, user: User, by: Actor, bot_id: int | None = None) -> tuple[LinkedOwner, str]:
    """(row, start payload) of a new code, bound to the user and one bot of their account, or to a bot of the platform
    that takes Stars; earlier codes for that bot end. Whoever presses Start with it is the user, so only its digest
    is kept."""
    active = Bot.objects.active().order_by("pk")
    own = Q(account_id=user.account_id)
    bot = (
        active.filter(own | Q(pk__in=Bot.objects.tills()), pk=bot_id) if bot_id else active.filter(own)
    ).first()
    if bot is None:
        raise NoBotToLink
    code = secrets.token_urlsafe(24)
    fresh = {"code_digest": _digest(code), "code_expires_at": timezone.now() + CODE_LIFE}
    row, _ = LinkedOwner.objects.update_or_create(user=user, bot=bot, defaults=fresh)
    audit.record(by, "ask_telegram_link", user, account_id=user.account_id, after={"bot": str(bot)})
    return row, PREFIX + code


def _digest(code: str) -> str:
    return keyed_digest("telegram-link", code)


@transaction.atomic
def link(*, code: str, bot_id: int, chat_id: int) -> LinkedOwner | None:
    """Start was pressed with a code: the person is the user who asked for it. None when the code was used before,
    has expired, is another bot's or nobody's."""
    fresh = LinkedOwner.objects.filter(
        code_digest=_digest(code), bot_id=bot_id, code_expires_at__gt=timezone.now()
    )
    rows = fresh.filter(_serves_user(), user__is_active=True)
    row = rows.select_for_update(of=("self",)).select_related("user__account", "bot").first()
    if row is None:
        return None
    row.chat_id, row.linked_at = chat_id, timezone.now()
    row.code_digest, row.code_expires_at = "", None
    row.save(update_fields=["chat_id", "linked_at", "code_digest", "code_expires_at"])
    by = Actor(label=f"telegram:{chat_id}")
    audit.record(by, "link_telegram", row.user, account_id=row.user.account_id, after={"bot": str(row.bot)})
    return row


@transaction.atomic
def unlink(*, user: User, by: Actor) -> None:
    """The user is told nothing on Telegram any more, and codes not used yet end."""
    rows = LinkedOwner.objects.filter(user=user)
    bots = sorted(str(row.bot) for row in rows.select_related("bot").select_for_update(of=("self",)))
    rows.delete()
    if bots:
        audit.record(by, "unlink_telegram", user, account_id=user.account_id, before={"bots": bots})


def links_of(user: User) -> QuerySet[LinkedOwner]:
    """The bots the user is linked to, the oldest first; `blocked` says which cannot write to them."""
    found = LinkedOwner.objects.filter(user=user, chat_id__isnull=False, bot__account_id=user.account_id)
    return found.annotate(blocked=_blocked()).select_related("bot").order_by("linked_at", "pk")


def owner_behind(*, bot_id: int, chat_id: int) -> User | None:
    """The user a person on Telegram has shown to be, for this bot of their account or of the platform; None for
    everybody else."""
    links = LinkedOwner.objects.filter(bot_id=bot_id, chat_id=chat_id, user__is_active=True)
    link = links.filter(_serves_user()).select_related("user__account").first()
    return link.user if link else None


def _serves_user() -> Q:
    return Q(user__account_id=F("bot__account_id")) | Q(bot__in=Bot.objects.tills())


def way_to(user: User) -> LinkedOwner | None:
    """The first working bot that can write to the user; a bot in quarantine tells nobody, not even of itself."""
    if not user.is_active:
        return None
    return links_of(user).filter(~_blocked(), bot__status=Bot.Status.ACTIVE).first()


def _blocked() -> Exists:
    gone = Subscriber.objects.filter(bot=OuterRef("bot"), chat_id=OuterRef("chat_id"))
    return Exists(gone.exclude(unreachable=""))
