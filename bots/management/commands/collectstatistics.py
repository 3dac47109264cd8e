"""manage.py collectstatistics: days of channels again, or for the first time, by hand."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bots.models import Channel
from bots.services import statistics
from bots.tasks.statistics import collect, missing_days


class Command(BaseCommand):
    help = "Collects the statistics of channels: what the last week is short of, or one day again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD, in TIME_ZONE")
        parser.add_argument("--channel", type=int, help="Telegram's id, -100…; else every channel served")

    def handle(self, *_args: Any, **options: Any) -> None:
        day: date | None = options["day"]
        if day and day > statistics.today():
            raise CommandError(f"{day} has not begun.")
        for channel in self._channels(options["channel"]):
            for row in collect(channel, [day] if day else missing_days(channel)):
                told = f"{row.posts} posts, {row.views} views, {row.members} members"
                self.stdout.write(f"{channel} {row.day}: {told}".replace("None", "unknown"))

    def _channels(self, telegram_id: int | None) -> list[Channel]:
        if telegram_id is None:
            return list(Channel.objects.filter(pk__in=statistics.channels_to_collect()))
        found = list(Channel.objects.filter(telegram_id=telegram_id))
        if not found:
            raise CommandError(f"No channel has the id {telegram_id}.")
        return found
