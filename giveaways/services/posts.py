"""A giveaway's posts in the channel: what may be repeated, and what a sent or failed one changes."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from bots.answers import Answer, Outcome
from bots.services import posting, statistics
from bots.texts import WORK
from giveaways import texts
from giveaways.errors import CannotSendAgain
from giveaways.models import Giveaway, Post, Status
from giveaways.services import telling
from giveaways.services.life import tell_owner, wait_for_post
from giveaways.services.write import lock

MOST_ATTEMPTS = 8
LINK_PATIENCE = timedelta(seconds=30)
# Edits do no harm when they happen twice, and neither does a hash that has to stand in the channel in time.
REPEATABLE = (Post.Kind.UPDATE, Post.Kind.CLOSING, Post.Kind.SEAL, Post.Kind.CORRECTION)
EDITS = (Post.Kind.UPDATE, Post.Kind.CLOSING, Post.Kind.CORRECTION)


@transaction.atomic
def claim_post(*, kinds: list[Post.Kind]) -> Post | None:
    """Takes one due post for this worker alone."""
    settle_abandoned()
    edited = Post.objects.filter(
        giveaway=OuterRef("giveaway"), kind=Post.Kind.UPDATE, status=Post.Status.SENDING
    )
    # An edit on its way would put the button back under a post that says it is over; and a post that says where the
    # results are needs their address, for which it waits a little.
    early = Q(kind=Post.Kind.CLOSING) & (Exists(edited) | Exists(_results_coming()))
    due = Post.objects.due().filter(kind__in=kinds).exclude(early)
    needed = (
        "giveaway__account", "giveaway__media", "giveaway__binding__bot", "giveaway__binding__channel",
        "giveaway__results_binding__bot", "giveaway__results_binding__channel",
    )  # fmt: skip
    return posting.claim(due.select_related(*needed))


def _results_coming() -> QuerySet[Post]:
    """A conclusion for another channel that will be there in a moment."""
    return Post.objects.filter(
        giveaway=OuterRef("giveaway"),
        giveaway__results_binding__isnull=False,
        giveaway__finished_at__gte=timezone.now() - LINK_PATIENCE,
        kind=Post.Kind.CONCLUSION,
        status__in=[Post.Status.WAITING, Post.Status.SENDING],
    )


def settle_abandoned() -> None:
    """An edit may be repeated without harm; whether a new post arrived, nobody can ask a channel."""
    abandoned = Post.objects.abandoned()
    abandoned.filter(kind__in=REPEATABLE).update(status=Post.Status.WAITING)
    for post in abandoned.exclude(kind__in=REPEATABLE).select_for_update(skip_locked=True):
        record_post(post_id=post.pk, answer=posting.WORKER_GONE)


@transaction.atomic
def record_post(*, post_id: int, answer: Answer, fingerprint: str = "") -> Post:
    """Records what Telegram said, once: a post that is not being sent any more is left as it is.

    `fingerprint` is that of the token used: its refusal says nothing of one that came meanwhile.
    """
    post = Post.objects.select_for_update().get(pk=post_id)
    if post.status == Post.Status.SENDING:
        posting.record(post, answer, repeat=may_repeat(post, answer))
        _follow(post, answer, fingerprint)
    return post


def may_repeat(post: Post, answer: Answer) -> bool:
    """Whether the post waits for a better moment. An announcement has an owner who looks on, so it gives up
    after a while; what closes a giveaway waits for as long as rights or a working token are missing."""
    if post.kind == Post.Kind.ANNOUNCEMENT:
        return answer.outcome in posting.TRANSIENT and post.attempts < MOST_ATTEMPTS
    if answer.outcome is Outcome.UNKNOWN:
        return post.kind in REPEATABLE
    return answer.outcome in (*posting.TRANSIENT, Outcome.RIGHTS, Outcome.BOT_DEAD)


@transaction.atomic
def send_again(*, post_id: int, by: Actor) -> Post:
    """Somebody looked into the channel and found nothing there: a failed or uncertain conclusion is sent again.

    An announcement is published again instead, because that makes a new promise.
    """
    post = Post.objects.select_for_update().select_related("giveaway").get(pk=post_id)
    if post.kind == Post.Kind.ANNOUNCEMENT or post.status not in (Post.Status.FAILED, Post.Status.UNCERTAIN):
        raise CannotSendAgain(status=WORK[post.status])
    posting.wait_again(post)
    audit.record(
        by, "send_again", post.giveaway, account_id=post.giveaway.account_id, after={"post": post.kind}
    )
    return post


def _follow(post: Post, answer: Answer, fingerprint: str) -> None:
    """What the answer to a post changes beyond the post."""
    giveaway = lock(post.giveaway_id)
    if post.status == Post.Status.SENT and post.kind not in EDITS:
        statistics.record_own_post(binding=post.binding, work=post)
    if post.status == Post.Status.SENT and post.kind == Post.Kind.ANNOUNCEMENT:
        _announced(giveaway, post)
    elif post.status == Post.Status.SENT and post.kind == Post.Kind.CONCLUSION:
        giveaway.conclusion_message_id = post.message_id
        giveaway.save(update_fields=["conclusion_message_id", "updated_at"])
    elif post.status in (Post.Status.FAILED, Post.Status.UNCERTAIN):
        _failed(giveaway, post, answer)
    if post.binding:
        posting.follow(
            post.binding,
            answer,
            reason=answer.description,
            fingerprint=fingerprint,
            posting=post.kind not in EDITS,
        )


def _announced(giveaway: Giveaway, post: Post) -> None:
    giveaway.message_id = post.message_id
    giveaway.published_at = post.sent_at
    changed = ["message_id", "published_at", "updated_at"]
    if giveaway.status == Status.PUBLISHING:
        giveaway.move_to(Status.ACTIVE)
        changed.append("status")
        telling.published(giveaway)
    else:  # cancelled while the post was on its way
        wait_for_post(giveaway, Post.Kind.CLOSING)
    giveaway.save(update_fields=changed)
    audit.record(
        SYSTEM, "announce", giveaway, account_id=giveaway.account_id,
        after={"status": giveaway.status, "message_id": post.message_id},
    )  # fmt: skip


def _failed(giveaway: Giveaway, post: Post, answer: Answer) -> None:
    """A failed announcement frees the owner to repair and try again."""
    uncertain = post.status == Post.Status.UNCERTAIN
    reason = texts.POST_UNCERTAIN.to(giveaway.account.language) if uncertain else answer.description
    if post.kind == Post.Kind.ANNOUNCEMENT and giveaway.status == Status.PUBLISHING:
        giveaway.move_to(Status.PUBLISH_FAILED)
        giveaway.publish_error = reason[:255]
        giveaway.save(update_fields=["status", "publish_error", "updated_at"])
        if giveaway.starts_at:  # nobody looks on
            tell_owner(giveaway, reason)
    if post.kind == Post.Kind.CLOSING and giveaway.beacon_round and giveaway.status == Status.FINISHING:
        wait_for_post(giveaway, Post.Kind.SEAL)  # the owner deleted the announcement: nothing to edit
    audit.record(
        SYSTEM, "post_failed", giveaway, account_id=giveaway.account_id,
        after={"post": post.kind, "post_status": post.status, "reason": reason[:255], "status": giveaway.status},
    )  # fmt: skip
