"""`manage.py broadcasts`: what is under way, for whoever looks after the server."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from accounts.audit import Actor
from broadcasts import services
from broadcasts.models import Broadcast

LINE = "{task_id}  {status:<9}  {priority:<6}  {done:>9,} / {recipients:<9,}  {rate:>7}  {eta:<19}  {bot}  {name}"


class Command(BaseCommand):
    help = (
        "Lists the broadcasts that are not over, or one by its task_id with its results by kind. --pause pauses those "
        "that send or wait for their time: after a restore, before anything is started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task_id", nargs="?", type=UUID)
        parser.add_argument("--pause", action="store_true")

    def handle(self, *_args: Any, task_id: UUID | None, pause: bool, **_options: Any) -> None:
        if pause:
            live = Broadcast.objects.live()
            for one in live.filter(public_id=task_id) if task_id else live:
                services.pause(broadcast_id=one.pk, by=Actor(label="manage.py broadcasts"))
        rows = Broadcast.objects.select_related("bot").order_by("id")
        found = rows.filter(public_id=task_id) if task_id else rows.not_over()
        for broadcast in found:
            self.stdout.write(line(broadcast))
            if task_id:
                for outcome, kinds in services.kinds(broadcast).items():
                    self.stdout.write(
                        f"  {outcome}: " + ", ".join(f"{name} {n:,}" for name, n in kinds.items())
                    )
        if not found:
            self.stdout.write("There is no such broadcast." if task_id else "Nothing is under way.")


def line(broadcast: Broadcast) -> str:
    """One broadcast as a row of the table."""
    told = services.progress(broadcast)
    return LINE.format(
        task_id=broadcast.public_id,
        status=broadcast.status,
        priority=broadcast.priority,
        done=told.counts.recipients - told.counts.pending,
        recipients=told.counts.recipients,
        rate="" if told.rate is None else f"{told.rate:g}/s",
        eta=f"{told.eta:%Y-%m-%d %H:%M:%S}" if told.eta else "",
        bot=broadcast.bot,
        name=broadcast.name,
    ).rstrip()
