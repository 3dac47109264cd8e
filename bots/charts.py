"""A channel's days as the admin's charts: one line a chart, a gap where no source told."""

import json
from collections.abc import Sequence

from bots.models import ChannelDay

LINES = (
    ("posts", "Publications a day"),
    ("views", "Views of the day's publications"),
    ("members", "Subscribers"),
)
COLOR = "var(--color-primary-600)"


def charts_of(days: Sequence[ChannelDay]) -> list[dict[str, str]]:
    """Chart.js data for posts, views and members, the oldest day first; none without days."""
    ordered = sorted(days, key=lambda row: row.day)
    labels = [f"{row.day:%d.%m}" for row in ordered]
    return [
        {"title": title, "data": _line(title, labels, [getattr(row, name) for row in ordered])}
        for name, title in LINES
        if ordered
    ]


def _line(title: str, labels: list[str], numbers: list[int | None]) -> str:
    line = {
        "label": title, "data": numbers, "borderColor": COLOR, "backgroundColor": COLOR,
        "pointRadius": 3, "borderWidth": 2, "displayYAxis": True,
    }  # fmt: skip
    return json.dumps({"labels": labels, "datasets": [line]})
