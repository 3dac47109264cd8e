"""The clock's door of the giveaways app: claim, send, record."""

from celery import shared_task

from bots import attachments, telegram
from bots.answers import Answer
from bots.attachments import Sendable
from config.claims import taken
from config.nudge import nudge
from giveaways import gateway
from giveaways.models import Post
from giveaways.services import life, posts, refresh, repeat, schedule


@shared_task
def post_waiting() -> None:
    """Posts announcements that wait; safe to run twice, safe to kill anywhere."""
    send_due([Post.Kind.ANNOUNCEMENT])


@shared_task
def conclude_waiting() -> None:
    """Posts conclusions and closes announcements of giveaways that are over."""
    send_due([Post.Kind.CONCLUSION, Post.Kind.CLOSING, Post.Kind.SEAL, Post.Kind.CORRECTION])


@shared_task
def refresh_posts() -> None:
    """Makes running announcements say what the rows say: in few edits, one at a time."""
    refresh.ask()
    for update in taken(refresh.claim, lambda update: ids(update.post)):
        answer = telegram.wait_for(gateway.send(telegram.shared(), update.post))
        refresh.record(update=update, answer=answer)


@shared_task
def start_due() -> None:
    """Publishes scheduled giveaways whose start has come."""
    if schedule.start_due():
        nudge(post_waiting)


@shared_task
def repeat_due() -> None:
    """Begins giveaways that repeat, when their time has come and the former one is over."""
    if repeat.run_due():
        nudge(post_waiting)


@shared_task
def finish_due() -> None:
    """Closes giveaways whose promised end has come."""
    life.finish_due()


def send_due(kinds: list[Post.Kind]) -> None:
    """Claims in a short transaction, sends with none open, records in a short transaction."""
    for post in taken(lambda: posts.claim_post(kinds=kinds), ids):
        answer = send(post)
        binding = post.binding
        used = binding.bot.token_fingerprint if binding else ""
        posts.record_post(post_id=post.pk, answer=answer, fingerprint=used)


def ids(post: Post) -> dict[str, object]:
    """What log lines about the post name."""
    bot_id = post.binding.bot_id if post.binding else None
    return {"account_id": post.giveaway.account_id, "giveaway_id": post.giveaway_id, "bot_id": bot_id}


def send(post: Post) -> Answer:
    """Sends one post; an announcement's file by the id its bot has for it."""

    def call(file: Sendable | None = None) -> Answer:
        return telegram.wait_for(gateway.send(telegram.shared(), post, file))

    giveaway = post.giveaway
    if post.kind != Post.Kind.ANNOUNCEMENT or giveaway.media is None or giveaway.binding is None:
        return call()
    return attachments.send(bot_id=giveaway.binding.bot_id, media=giveaway.media, call=call)
