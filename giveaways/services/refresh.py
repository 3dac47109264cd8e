"""Keeping a running announcement true: few edits, one at a time, the last one exact.

Joining costs nothing here: a post is stale when the number it shows is not the row's. The work is one row for each
giveaway, claimed and recorded as every post is. Before every edit the state is looked at under lock, so nothing is
edited once finishing began; the closing edit waits for an edit on its way (services.posts).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from bots.answers import Answer, Outcome
from bots.models import Binding, ChannelMessage
from bots.services import posting
from giveaways.models import Giveaway, Post, Status
from giveaways.services.posts import MOST_ATTEMPTS, settle_abandoned
from giveaways.services.write import lock

MOST_GAP = timedelta(hours=1)
AGE_PER_GAP = 100  # after an hour every 36 seconds, after a day every quarter of an hour
# Telegram lets a bot say 20 things a minute in one chat; a counter leaves room for what is more urgent.
MOST_IN_A_MINUTE = 15
NO_ROOM = timedelta(seconds=10)
MOST_ASKED = 200
REPEATED = (*posting.HARMLESS, Outcome.RIGHTS, Outcome.BOT_DEAD)
SHOWN = [
    "participant_count", "change_count", "ends_at", "max_participants", "show_participants",
    "participation_button_text", "status",
]  # fmt: skip


@dataclass(frozen=True)
class Update:
    """A claimed edit and what the post says once it is done."""

    post: Post
    participants: int
    changes: int


def ask() -> None:
    """Asks for one edit of every stale post that needs one; safe to run twice.

    An edit that Telegram refused for good (the owner deleted the post) is not asked for again until something changes.
    """
    edits = Post.objects.filter(kind=Post.Kind.UPDATE)
    late = edits.filter(status=Post.Status.WAITING).exclude(giveaway__status=Status.ACTIVE)
    late.update(status=Post.Status.REMOVED)
    settled = [Post.Status.SENT, Post.Status.REMOVED]
    asked = edits.filter(giveaway=OuterRef("pk")).exclude(status__in=settled)
    for giveaway in Giveaway.objects.stale().exclude(Exists(asked)).order_by("pk")[:MOST_ASKED]:
        ask_for(giveaway)
    # A change does not wait for the counter's turn; what Telegram told to wait does.
    changed = Giveaway.objects.filter(status=Status.ACTIVE).exclude(change_count=F("posted_changes"))
    turn = edits.filter(
        status=Post.Status.WAITING, attempts=0, due_at__gt=timezone.now(), giveaway__in=changed
    )
    turn.update(due_at=timezone.now())


def ask_for(giveaway: Giveaway) -> None:
    """One edit when its turn comes; whoever asks second changes nothing."""
    post, new = Post.objects.get_or_create(
        giveaway=giveaway,
        kind=Post.Kind.UPDATE,
        defaults={"due_at": turn_of(giveaway, giveaway.published_at)},
    )
    if not new:
        settled = Post.objects.filter(pk=post.pk, status__in=[Post.Status.SENT, Post.Status.REMOVED])
        due_at = turn_of(giveaway, post.sent_at or giveaway.published_at)
        settled.update(status=Post.Status.WAITING, attempts=0, due_at=due_at)


def turn_of(giveaway: Giveaway, last: datetime | None) -> datetime:
    """When the post may be edited again."""
    now = timezone.now()
    age = now - (giveaway.published_at or now)
    return max(now, (last or now) + gap(age))


def gap(age: timedelta) -> timedelta:
    """The least time between two edits of a post of this age: the older it is, the fewer look at its number."""
    return min(MOST_GAP, max(timedelta(seconds=settings.COUNTER_SECONDS), age / AGE_PER_GAP))


@transaction.atomic
def claim() -> Update | None:
    """Takes one due edit for this worker alone, with the numbers as they are now."""
    settle_abandoned()
    due = Post.objects.due().filter(kind=Post.Kind.UPDATE, giveaway__status=Status.ACTIVE)
    needed = ("giveaway__account", "giveaway__media", "giveaway__binding__bot", "giveaway__binding__channel")
    post = posting.claim(due.select_related(*needed))
    if post is None:
        return None
    now = lock(post.giveaway_id)
    if now.status != Status.ACTIVE:
        _put_back(post, Post.Status.REMOVED)
        return None
    if now.binding and spoken_lately(now.binding) >= MOST_IN_A_MINUTE:
        _put_back(post, Post.Status.WAITING)
        return None
    post.giveaway.refresh_from_db(fields=SHOWN)
    return Update(post, now.participant_count, now.change_count)


def _put_back(post: Post, status: Post.Status) -> None:
    """Nothing was sent: another round looks again."""
    post.status, post.due_at, post.attempts = status, timezone.now() + NO_ROOM, 0
    post.save(update_fields=posting.CHANGED)


def spoken_lately(binding: Binding) -> int:
    """How many things were said in the channel within a minute, by whichever of its bots."""
    lately = timezone.now() - timedelta(minutes=1)
    posts = Post.objects.filter(giveaway__binding__channel=binding.channel_id, sent_at__gte=lately)
    messages = ChannelMessage.objects.filter(binding__channel=binding.channel_id, sent_at__gte=lately)
    return posts.count() + messages.count()


@transaction.atomic
def record(*, update: Update, answer: Answer) -> None:
    """Records what Telegram said, once; what the post shows is known from what was sent."""
    post = Post.objects.select_for_update().get(pk=update.post.pk)
    if post.status != Post.Status.SENDING:
        return
    patient = answer.outcome is not Outcome.UNKNOWN or post.attempts < MOST_ATTEMPTS
    posting.record(post, answer, repeat=patient and answer.outcome in REPEATED)
    giveaway = lock(post.giveaway_id)
    if post.status == Post.Status.SENT:
        giveaway.posted_participants, giveaway.posted_changes = update.participants, update.changes
        giveaway.save(update_fields=["posted_participants", "posted_changes"])
    binding = update.post.giveaway.binding
    if binding:
        used = binding.bot.token_fingerprint
        posting.follow(binding, answer, reason=answer.description, fingerprint=used, posting=False)
