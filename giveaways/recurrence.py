"""When something that repeats comes next, by a clock on a wall somewhere. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST = 62  # days between two of the same month-day, and some


@dataclass(frozen=True)
class Rule:
    """`weekday` (0 is Monday) counts for `week`, `month_day` for `month`: 31 is the last day of any month."""

    every: str
    at: time
    zone: str
    weekday: int | None = None
    month_day: int | None = None

    def falls_on(self, day: date) -> bool:
        if self.every == "week":
            return day.weekday() == (self.weekday or 0)
        if self.every == "month":
            return day.day == min(self.month_day or 1, monthrange(day.year, day.month)[1])
        return True


def next_after(rule: Rule, moment: datetime) -> datetime:
    """The first time strictly after `moment`, in UTC.

    An hour that a clock leaves out is taken as if it had not been; of one that comes twice the first is meant.
    """
    zone = ZoneInfo(rule.zone)
    first = moment.astimezone(zone).date()
    for days in range(LONGEST):
        day = first + timedelta(days=days)
        when = datetime.combine(day, rule.at, tzinfo=zone).astimezone(UTC)
        if rule.falls_on(day) and when > moment:
            return when
    raise AssertionError("every rule comes round within two months")
