"""The rules of channels and of the bindings between a bot and a channel."""

from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from bots import texts
from bots.errors import BindingNotFound, ChannelUnreadable, NoBot
from bots.links import ChannelLink, Form, read_channel_link
from bots.models import Alert, Binding, Bot, Channel, Job
from bots.services import proposals
from bots.services.alerts import raise_alert
from webhooks import services as webhooks
from webhooks.models import Event


class ChannelIdentity(Protocol):
    """What getChat told about a channel."""

    @property
    def telegram_id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def username(self) -> str: ...


def read_link(channel: str) -> ChannelLink:
    """The channel somebody typed, or a refusal that says which forms there are."""
    link = read_channel_link(channel)
    if link is None:
        raise ChannelUnreadable(field="channel")
    return link


@transaction.atomic
def request_binding(*, account_id: int, channel: str, by: Actor, bot_id: int | None = None) -> Job:
    """A binding is asked for and made later by a job: Telegram has to be asked first.

    Asked again of the same bot, a channel that was not found leads to the row that says so, not to one more.
    """
    link = read_link(channel)
    bot = _bot_for(account_id=account_id, bot_id=bot_id, link=link, requested=channel[:255])
    asked = {"account_id": account_id, "bot": bot, "requested": channel[:255]}
    unresolved = Binding.objects.live().filter(channel__isnull=True, **asked).first()
    binding = unresolved or Binding.objects.create(**asked)
    audit.record(
        by, "bind", binding, account_id=account_id, after={"channel": channel[:255], "bot": str(bot)}
    )
    return Job.objects.create(
        account_id=account_id, kind=Job.Kind.BIND_CHANNEL, arguments={"binding_id": binding.pk}
    )


def _bot_for(*, account_id: int, bot_id: int | None, link: ChannelLink, requested: str) -> Bot:
    """The bot asked for; else one that was promoted in the channel, or that looked for it in vain; else the active
    one with the fewest live bindings, counted under lock."""
    bots = Bot.objects.active().filter(account_id=account_id).select_for_update().order_by("id")
    candidates = list(bots.filter(pk=bot_id) if bot_id else bots)
    if not candidates:
        raise NoBot
    concerned = _concerned(candidates, link, requested) if bot_id is None else set()
    return least_loaded([bot for bot in candidates if bot.pk in concerned] or candidates)


def _concerned(candidates: list[Bot], link: ChannelLink, requested: str) -> set[int]:
    """The bots that already have to do with the channel."""
    known = Binding.objects.filter(bot__in=candidates).select_related("channel")
    proposed = [
        binding.bot_id
        for binding in known.filter(status=Binding.Status.PROPOSED)
        if binding.channel and link.names(binding.channel.telegram_id, binding.channel.username)
    ]
    in_vain = known.filter(status=Binding.Status.INVALID, channel__isnull=True, requested=requested)
    return set(proposed) or set(in_vain.values_list("bot_id", flat=True))


def least_loaded(candidates: list[Bot]) -> Bot:
    """The bot with the fewest live bindings, the oldest of equals; the caller has locked them."""
    live = Count("bindings", filter=Q(bindings__status__in=Binding.LIVE))
    ids = [bot.pk for bot in candidates]
    loads = dict(Bot.objects.filter(pk__in=ids).annotate(live=live).values_list("pk", "live"))
    return min(candidates, key=lambda bot: (loads[bot.pk], bot.pk))


def know(channel: ChannelIdentity) -> Channel:
    """The channel's row, with the names Telegram tells today."""
    row, _ = Channel.objects.update_or_create(
        telegram_id=channel.telegram_id, defaults={"title": channel.title[:255], "username": channel.username}
    )
    return row


@transaction.atomic
def bind(*, binding_id: int, channel: ChannelIdentity, may_post: bool | None, reason: str) -> Binding:
    """The channel is known: the binding is active when the bot may post there, else it waits for the right.

    Asking again for a channel the bot already serves leads to the existing binding; asking for one that was
    proposed accepts it.
    """
    row = know(channel)
    binding = Binding.objects.select_for_update().get(pk=binding_id)
    existing = (
        Binding.objects.select_for_update()
        .open()
        .filter(bot_id=binding.bot_id, channel=row)
        .exclude(pk=binding.pk)
        .first()
    )
    if existing:
        binding.status, binding.reason = Binding.Status.DEACTIVATED, f"the same as binding {existing.pk}"
        binding.save(update_fields=["status", "reason"])
        binding = existing
    not_found_before = binding.status == Binding.Status.INVALID and binding.channel_id is None
    if not_found_before or binding.status == Binding.Status.PROPOSED:
        binding.status = Binding.Status.NEW
    binding.channel = row
    binding.save(update_fields=["channel", "status"])
    return _record_right(binding, may_post=may_post, reason=reason)


@transaction.atomic
def invalidate_binding(*, binding_id: int, reason: str) -> None:
    """A channel that cannot be found leaves an invalid binding that says why; an ended one stays ended."""
    Binding.objects.live().filter(pk=binding_id).update(
        status=Binding.Status.INVALID, reason=reason[:255], checked_at=timezone.now()
    )


def note_waiting(*, binding_id: int, reason: str) -> None:
    """The binding stays as it is and says what it waits for."""
    Binding.objects.live().filter(pk=binding_id).update(reason=reason[:255], checked_at=timezone.now())


@transaction.atomic
def record_right(*, binding_id: int, may_post: bool | None, reason: str) -> Binding:
    """What Telegram said of the bot's right to post; an unknown answer changes nothing but the time."""
    return _record_right(
        Binding.objects.select_for_update().get(pk=binding_id), may_post=may_post, reason=reason
    )


def _record_right(binding: Binding, *, may_post: bool | None, reason: str) -> Binding:
    before = binding.status
    binding.checked_at = timezone.now()
    if may_post is not None and binding.status in Binding.LIVE:
        binding.reason = reason[:255]
        lost = Binding.Status.INVALID if before == Binding.Status.ACTIVE else binding.status
        binding.status = Binding.Status.ACTIVE if may_post else lost
    binding.save(update_fields=["status", "reason", "checked_at"])
    if binding.status != before:
        audit.record(
            SYSTEM, "check_rights", binding, account_id=binding.account_id,
            before={"status": before}, after={"status": binding.status, "reason": binding.reason},
        )  # fmt: skip
        _alert(binding, before)
    return binding


def _alert(binding: Binding, before: str) -> None:
    """Its owner hears that a bot lost its rights, and that it has them again."""
    moves = {
        (Binding.Status.ACTIVE, Binding.Status.INVALID): Alert.Kind.RIGHTS_LOST,
        (Binding.Status.INVALID, Binding.Status.ACTIVE): Alert.Kind.RIGHTS_BACK,
    }
    kind = moves.get((Binding.Status(before), Binding.Status(binding.status)))
    if kind == Alert.Kind.RIGHTS_LOST:
        webhooks.emit(
            account_id=binding.account_id,
            event=Event.RIGHTS_LOST,
            once=f"binding:{binding.pk}:{binding.checked_at}",
            channel_id=binding.channel.telegram_id if binding.channel else None,
            bot_id=binding.bot_id,
            reason=binding.reason,
        )
    if kind:
        facts = {"bot": binding.bot.username, "channel": str(binding.channel), "reason": binding.reason}
        raise_alert(account_id=binding.account_id, kind=kind, **facts)


CHECK_EVERY = timedelta(minutes=55)


def bindings_to_check(*statuses: Binding.Status) -> list[int]:
    """Bindings in these states that were not asked about for most of an hour, the longest unasked first."""
    unasked = Q(checked_at__isnull=True) | Q(checked_at__lt=timezone.now() - CHECK_EVERY)
    found = Binding.objects.filter(
        unasked, status__in=statuses, channel__isnull=False, bot__status=Bot.Status.ACTIVE
    )
    return list(found.order_by(F("checked_at").asc(nulls_first=True)).values_list("pk", flat=True))


def claim_check(*, binding_id: int) -> Binding | None:
    """The binding, for the one worker that asks about it this hour; None when somebody else does."""
    unasked = Q(checked_at__isnull=True) | Q(checked_at__lt=timezone.now() - CHECK_EVERY)
    if not Binding.objects.live().filter(unasked, pk=binding_id).update(checked_at=timezone.now()):
        return None
    return Binding.objects.select_related("bot", "channel", "account").get(pk=binding_id)


@transaction.atomic
def record_promotion(
    *, bot_id: int, channel: ChannelIdentity, may_post: bool, reason: str, gained: bool = True
) -> None:
    """Telegram told that the bot's rights in a channel changed: bindings there follow at once.

    `reason` is the kind of refusal, told to each owner in their language. A binding asked for before the bot
    knew the channel completes now; a channel nobody asked for is proposed. `gained`: it could not post before.
    """
    bot = Bot.objects.select_for_update(no_key=True).get(pk=bot_id)
    bindings = Binding.objects.open().filter(bot=bot, channel__telegram_id=channel.telegram_id)
    known = list(bindings.select_for_update(of=("self",)).select_related("account"))
    for binding in known:
        said = texts.right_reason(reason, binding.account.language)
        if binding.status != Binding.Status.PROPOSED:
            record_right(binding_id=binding.pk, may_post=may_post, reason=said)
        elif not may_post:
            proposals.withdraw(binding, reason=said)
    if not known and may_post:
        _take_up(bot, channel, gained=gained)


def _take_up(bot: Bot, channel: ChannelIdentity, *, gained: bool) -> None:
    """The bot may post where it served nobody so far: for whoever asked before, else as a proposal."""
    asked = _asked_before(bot.pk, channel)
    for binding in asked:
        bind(binding_id=binding.pk, channel=channel, may_post=True, reason="")
    if not asked:
        proposals.propose(bot=bot, channel=know(channel), gained=gained)


def _asked_before(bot_id: int, channel: ChannelIdentity) -> list[Binding]:
    """Bindings that name the channel; else the one with an invite link, which names nothing, if it is alone."""
    named, invited = [], []
    for binding in Binding.objects.live().filter(bot_id=bot_id, channel__isnull=True):
        link = read_channel_link(binding.requested)
        if link and link.names(channel.telegram_id, channel.username):
            named.append(binding)
        elif link and link.form is Form.INVITE:
            invited.append(binding)
    return named or (invited if len(invited) == 1 else [])


@transaction.atomic
def deactivate_binding(*, binding_id: int, by: Actor) -> Binding:
    """Unbinding keeps the row and frees the channel for another bot; a proposal is declined by it."""
    binding = Binding.objects.select_for_update().get(pk=binding_id)
    if binding.status != Binding.Status.DEACTIVATED:
        verb = "decline" if binding.status == Binding.Status.PROPOSED else "unbind"
        binding.status = Binding.Status.DEACTIVATED
        binding.reason = "declined by its owner" if verb == "decline" else "unbound by its owner"
        binding.save(update_fields=["status", "reason"])
        audit.record(by, verb, binding, account_id=binding.account_id)
    return binding


def current(binding: Binding) -> Binding:
    """The binding that serves the channel since this one was moved; itself when it was not."""
    while binding.moved_to:
        binding = binding.moved_to
    return binding


SHOWN_FIRST = (*Binding.OPEN, Binding.Status.DEACTIVATED)


def find_binding(bindings: Binding.Bindings, number: int) -> Binding:
    """The binding meant by a channel's id at Telegram or by a row's id; a live one first, a past one last."""
    meant = bindings.filter(channel__telegram_id=number) if number < 0 else bindings.filter(pk=number)
    found = sorted(meant, key=lambda binding: (-SHOWN_FIRST.index(binding.status), binding.pk), reverse=True)
    if not found:
        raise BindingNotFound
    return found[0]
