"""The clock's door of the bots app: each task finds its work in rows; safe to run twice, safe to kill anywhere."""

from collections.abc import Callable

from celery import shared_task

from bots.models import Binding, Job
from bots.services import channels, jobs
from bots.services.statistics import channels_to_collect
from bots.tasks import stars
from bots.tasks.alerts import mail_alerts, tell_by_telegram
from bots.tasks.binding import bind_channel
from bots.tasks.checks import check_bot, check_channel
from bots.tasks.messages import delete_message, edit_message, post_messages
from bots.tasks.moving import move_channels
from bots.tasks.rights import check_rights
from bots.tasks.statistics import collect_missing, collect_on_demand
from bots.tasks.webhooks import remove_webhooks
from config import heartbeat as workers
from config.claims import taken

__all__ = ["check_bot"]  # for doors that ask at once; the tasks are found by their names

# Messages to be posted are no work of these: their rows are claimed by post_waiting_messages.
WORK: dict[str, Callable[[Job], None]] = {
    Job.Kind.BIND_CHANNEL: bind_channel,
    Job.Kind.CHECK_CHANNEL: check_channel,
    Job.Kind.MOVE_CHANNELS: move_channels,
    Job.Kind.EDIT_MESSAGE: edit_message,
    Job.Kind.DELETE_MESSAGE: delete_message,
    Job.Kind.COLLECT_STATISTICS: collect_on_demand,
}


@shared_task
def heartbeat() -> None:
    """Tells /health that workers take tasks."""
    workers.beat()


@shared_task
def check_active_rights() -> None:
    """Every hour: may the bots still post where they could? One small task for each binding."""
    for binding_id in channels.bindings_to_check(Binding.Status.ACTIVE):
        check_rights_of.delay(binding_id)


@shared_task
def check_new_rights() -> None:
    """Every hour: were the bots given the right they wait for, or given it back?"""
    for binding_id in channels.bindings_to_check(Binding.Status.NEW, Binding.Status.INVALID):
        check_rights_of.delay(binding_id)


@shared_task
def check_rights_of(binding_id: int) -> None:
    """Asks about one binding, once an hour whoever asks."""
    check_rights(binding_id)


@shared_task
def collect_statistics() -> None:
    """Every midnight: the day that ended, of every channel served. One small task for each."""
    for channel_id in channels_to_collect():
        collect_statistics_of.delay(channel_id)


@shared_task(acks_late=True)
def collect_statistics_of(channel_id: int) -> None:
    """Collects what one channel's last week is short of."""
    collect_missing(channel_id)


@shared_task
def tell_owners() -> None:
    """Mails alerts nobody was told yet."""
    mail_alerts()


@shared_task
def tell_owners_by_telegram() -> None:
    """Tells linked owners in Telegram what they have to know."""
    tell_by_telegram()


@shared_task
def forget_webhooks() -> None:
    """Removes the webhooks of deactivated bots."""
    remove_webhooks()


@shared_task
def refund_stars() -> None:
    """Tells Telegram to give Stars back that staff refunded."""
    stars.refund_stars()


@shared_task
def reconcile_stars() -> None:
    """Every hour: takes in payments and refunds that no update told."""
    stars.reconcile_stars()


@shared_task
def post_waiting_messages() -> None:
    """Posts messages whose time has come."""
    post_messages()


@shared_task
def run_waiting_jobs() -> None:
    """Runs jobs that wait."""
    # One at a time: a lease begins when its work begins, and a job that crashes takes no other with it.
    for [job] in taken(lambda: jobs.claim_jobs(kinds=WORK.keys(), most=1), lambda jobs: ids(*jobs)):
        WORK[job.kind](job)


def ids(job: Job) -> dict[str, object]:
    """What log lines about the job name."""
    return {"account_id": job.account_id, "job_id": str(job.pk)}
