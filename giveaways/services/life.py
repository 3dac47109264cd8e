"""The moves of a giveaway's life: publish, finish, complete, cancel."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from bots import crypto
from bots.models import Alert
from bots.services import alerts, posting
from bots.services.channels import current
from config.errors import DomainError
from giveaways import composition, promise
from giveaways.errors import CannotCancel, CannotFinish, CannotPublish
from giveaways.models import EDITABLE, Beacon, Giveaway, Post, Status
from giveaways.services import telling
from giveaways.services.readiness import refuse_unready, settle_on_bot
from giveaways.services.write import (
    lock,
    lock_account,
    promise_of,
    promised_chain,
    refuse_second,
)
from giveaways.texts import STATES


@transaction.atomic
def publish(*, giveaway_id: int, by: Actor) -> Giveaway:
    """A giveaway is published once; whoever asks again is shown where it stands. One that starts later is scheduled."""
    account_id = Giveaway.objects.values_list("account_id", flat=True).get(pk=giveaway_id)
    lock_account(account_id)  # one publisher per account at a time
    giveaway = lock(giveaway_id)
    if giveaway.status in (Status.PUBLISHING, Status.ACTIVE, Status.FINISHING, Status.FINISHED):
        return giveaway
    if giveaway.status == Status.CANCELLED:
        raise CannotPublish(status=STATES[giveaway.status])
    if giveaway.starts_at and giveaway.starts_at > timezone.now():
        return _schedule(giveaway, by)
    refuse_second(giveaway.account_id, besides=giveaway.pk)
    settle_on_bot(giveaway)
    refuse_unready(giveaway)
    before = giveaway.status
    make_promise(giveaway)
    giveaway.move_to(Status.PUBLISHING)
    giveaway.publish_error = ""
    giveaway.save()
    Post.objects.update_or_create(
        giveaway=giveaway,
        kind=Post.Kind.ANNOUNCEMENT,
        defaults={"status": Post.Status.WAITING, "due_at": timezone.now(), "attempts": 0, "error": ""},
    )
    audit.record(
        by, "publish", giveaway, account_id=giveaway.account_id,
        before={"status": before}, after={"status": giveaway.status, "opening_sha256": giveaway.opening_sha256},
    )  # fmt: skip
    return giveaway


def _schedule(giveaway: Giveaway, by: Actor) -> Giveaway:
    """Nothing is promised before it starts, so it may be edited until then; only what is ready is scheduled."""
    if giveaway.status == Status.SCHEDULED:
        return giveaway
    refuse_unready(giveaway)
    before = giveaway.status
    giveaway.move_to(Status.SCHEDULED)
    giveaway.publish_error = ""
    giveaway.save(update_fields=["status", "publish_error", "updated_at"])
    audit.record(
        by, "schedule", giveaway, account_id=giveaway.account_id,
        before={"status": before}, after={"status": giveaway.status, "starts_at": str(giveaway.starts_at)},
    )  # fmt: skip
    return giveaway


def make_promise(giveaway: Giveaway) -> None:
    """Fixes the draw before anybody can enter: a secret seed, and the record whose hash stands in the post."""
    promised = promise_of(giveaway)
    seed = promise.new_seed()
    giveaway.rules_text = composition.rules_text(promised)
    sealed = giveaway.beacon == Beacon.NONE
    opening = promise.opening_record(
        giveaway=giveaway.public_id,
        winners=giveaway.winner_count,
        max_tickets=1,
        seed=seed,
        beacon=promise.NO_BEACON if sealed else promised_chain().promised,
        beacon_delay=0 if sealed else settings.BEACON_DELAY_SECONDS,
        rules=giveaway.rules_text,
    )
    giveaway.seed_encrypted = crypto.encrypt(seed.hex())
    giveaway.opening_record = opening.decode()
    giveaway.opening_sha256 = promise.sha256_hex(opening)


@transaction.atomic
def finish(*, giveaway_id: int, by: Actor) -> Giveaway:
    """A running giveaway is closed once: from here on nobody enters, and the draw follows."""
    giveaway = lock(giveaway_id)
    if giveaway.status in (Status.FINISHING, Status.FINISHED):
        return giveaway
    if giveaway.status != Status.ACTIVE:
        raise CannotFinish(status=STATES[giveaway.status])
    giveaway.move_to(Status.FINISHING)
    giveaway.finish_requested_at = timezone.now()
    giveaway.save(update_fields=["status", "finish_requested_at", "updated_at"])
    audit.record(
        by, "finish", giveaway, account_id=giveaway.account_id,
        before={"status": Status.ACTIVE}, after={"status": giveaway.status},
    )  # fmt: skip
    return giveaway


@transaction.atomic
def seal(*, giveaway_id: int, closing_sha256: str, beacon_round: int, due_at: datetime) -> Giveaway:
    """The list is sealed and waits for public randomness: its hash has to stand in the channel before that exists.

    The announcement carries it; sealed again, because the channel was not reached in time, it is carried again.
    """
    giveaway = lock(giveaway_id)
    giveaway.closing_sha256 = closing_sha256
    giveaway.beacon_round, giveaway.round_due_at = beacon_round, due_at
    giveaway.save(update_fields=["closing_sha256", "beacon_round", "round_due_at", "updated_at"])
    carriers = Post.objects.filter(giveaway=giveaway, kind__in=[Post.Kind.CLOSING, Post.Kind.SEAL])
    again = carriers.exclude(kind=Post.Kind.CLOSING).first() or carriers.first()
    if again:
        posting.wait_again(again)
    else:
        wait_for_post(giveaway, Post.Kind.CLOSING)
    return giveaway


@transaction.atomic
def complete(*, giveaway_id: int, winners_selected: int, closing_sha256: str) -> Giveaway:
    """The draw is done: the giveaway is finished, frees its account and tells the channel."""
    giveaway = lock(giveaway_id)
    if giveaway.status == Status.FINISHED:
        return giveaway
    giveaway.move_to(Status.FINISHED)
    giveaway.winners_selected = winners_selected
    giveaway.closing_sha256 = closing_sha256
    giveaway.finished_at = timezone.now()
    giveaway.results_binding = current(giveaway.results_binding) if giveaway.results_binding else None
    giveaway.save(
        update_fields=[
            "status", "winners_selected", "closing_sha256", "finished_at", "results_binding", "updated_at",
        ]
    )  # fmt: skip
    telling.finished(giveaway)
    wait_for_post(giveaway, Post.Kind.CONCLUSION)
    wait_for_post(giveaway, Post.Kind.CLOSING)
    if giveaway.results_binding_id:  # a post that was closed when the list was sealed does not say where yet
        _close_again(giveaway)
    audit.record(
        SYSTEM, "complete", giveaway, account_id=giveaway.account_id,
        before={"status": Status.FINISHING},
        after={
            "status": giveaway.status, "winners_selected": winners_selected, "participants": giveaway.participant_count
        },
    )  # fmt: skip
    return giveaway


@transaction.atomic
def correct(*, giveaway_id: int, winners_selected: int, replaced: int) -> Giveaway:
    """Winners were replaced after the end: the numbers follow, and a conclusion that was posted is edited."""
    giveaway = lock(giveaway_id)
    giveaway.winners_selected, giveaway.replaced_winners = winners_selected, replaced
    giveaway.save(update_fields=["winners_selected", "replaced_winners", "updated_at"])
    earlier = Post.objects.filter(giveaway=giveaway, kind=Post.Kind.CORRECTION).select_for_update().first()
    if earlier:
        posting.wait_again(earlier)
    elif giveaway.conclusion_message_id:
        wait_for_post(giveaway, Post.Kind.CORRECTION)
    return giveaway


@transaction.atomic
def cancel(*, giveaway_id: int, by: Actor) -> Giveaway:
    """Anything before finishing can be called off; the post says so."""
    giveaway = lock(giveaway_id)
    if giveaway.status == Status.CANCELLED:
        return giveaway
    if giveaway.status in (Status.FINISHING, Status.FINISHED):
        raise CannotCancel(status=STATES[giveaway.status])
    before = giveaway.status
    giveaway.move_to(Status.CANCELLED)
    giveaway.cancelled_at = timezone.now()
    giveaway.save(update_fields=["status", "cancelled_at", "updated_at"])
    Post.objects.filter(giveaway=giveaway, kind=Post.Kind.ANNOUNCEMENT, status=Post.Status.WAITING).delete()
    if giveaway.message_id:
        wait_for_post(giveaway, Post.Kind.CLOSING)
    audit.record(
        by, "cancel", giveaway, account_id=giveaway.account_id,
        before={"status": before}, after={"status": giveaway.status},
    )  # fmt: skip
    return giveaway


def _close_again(giveaway: Giveaway) -> None:
    """A closing edit that is done is done once more; one that somebody records just now waits for that lock's holder
    and must not be waited for."""
    closed = Post.objects.filter(giveaway=giveaway, kind=Post.Kind.CLOSING, status=Post.Status.SENT)
    for post in closed.select_for_update(skip_locked=True):
        posting.wait_again(post)


def tell_owner(giveaway: Giveaway, reason: str) -> None:
    """Something the clock tried came to nothing while nobody looked on."""
    alerts.raise_alert(
        account_id=giveaway.account_id, kind=Alert.Kind.GIVEAWAY_FAILED, title=giveaway.title, reason=reason
    )


def lock_posts(giveaway_id: int, kinds: Iterable[str]) -> None:
    """Locks posts that a later move of the same transaction may ask for again.

    Whoever records a post locks it before its giveaway: this order is everybody's, or the database ends one of us.
    """
    posts = Post.objects.select_for_update().filter(giveaway_id=giveaway_id, kind__in=list(kinds))
    list(posts.order_by("pk").values_list("pk", flat=True))


def wait_for_post(giveaway: Giveaway, kind: Post.Kind) -> None:
    """Asks for one thing to be done in the channel; the worker finds the row."""
    Post.objects.get_or_create(giveaway=giveaway, kind=kind)


@transaction.atomic
def add_participants(*, giveaway_id: int, number: int) -> int:
    """Counts new entries and returns how many there are; the participants app calls it in the entries' transaction,
    with the row locked. The last place taken closes the giveaway."""
    giveaway = lock(giveaway_id)
    giveaway.participant_count += number
    giveaway.save(update_fields=["participant_count"])
    if giveaway.max_participants and giveaway.participant_count >= giveaway.max_participants:
        finish(giveaway_id=giveaway_id, by=SYSTEM)
    return giveaway.participant_count


def finish_due() -> int:
    """Closes giveaways whose promised end has come; safe to run twice. Returns how many were due."""
    due = list(Giveaway.objects.due().values_list("pk", flat=True)[:100])
    for giveaway_id in due:
        finish(giveaway_id=giveaway_id, by=SYSTEM)
    return len(due)


def problems(giveaway: Giveaway) -> list[dict[str, str]]:
    """What stands in the way of publishing now, as refusal codes with their sentences; empty when nothing does."""
    found: list[dict[str, str]] = []
    try:
        if giveaway.status not in EDITABLE:
            raise CannotPublish(status=STATES[giveaway.status])
        if not giveaway.starts_at:
            refuse_second(giveaway.account_id, besides=giveaway.pk)
        refuse_unready(giveaway)
    except DomainError as refusal:
        found.append({"code": refusal.code, "message": refusal.sentence})
    return found
