"""A channel's days as the admin's charts: every day from the first shown, a gap where no source told."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

from bots.models import ChannelDay

FIRST, SECOND = "var(--color-primary-600)", "var(--color-orange-500)"
CHARTS = {
    "Publications a day": {"posts": ("Publications", FIRST)},
    "Views of the day's publications": {"views": ("Views", FIRST)},
    "Subscribers": {"members": ("Subscribers", FIRST)},
    "Joined and left": {"joins": ("Joined", FIRST), "leaves": ("Left", SECOND)},
}


def charts_of(days: Sequence[ChannelDay]) -> list[dict[str, str]]:
    """Chart.js data, the oldest day first; none without days."""
    rows = {row.day: row for row in days}
    if not rows:
        return []
    shown = _every_day(min(rows), max(rows))
    labels = [f"{day:%d.%m}" for day in shown]
    return [
        {"title": title, "data": json.dumps({"labels": labels, "datasets": _lines(lines, rows, shown)})}
        for title, lines in CHARTS.items()
    ]


def _every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _lines(
    lines: dict[str, tuple[str, str]], rows: dict[date, ChannelDay], shown: list[date]
) -> list[dict[str, object]]:
    return [
        {
            "label": label, "data": [getattr(rows.get(day), name, None) for day in shown],
            "borderColor": color, "backgroundColor": color, "pointRadius": 3, "borderWidth": 2,
            "displayYAxis": True,
        }
        for name, (label, color) in lines.items()
    ]  # fmt: skip
