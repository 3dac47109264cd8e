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

GREY = "#9ca3af"  # of the theme's own charts, readable on light and on dark
ZERO_BASED = frozenset(CHARTS) - {"Subscribers"}  # there a day's change would be too small to see


def charts_of(days: Sequence[ChannelDay]) -> list[dict[str, str]]:
    """Chart.js data and options, the oldest day first; none without days."""
    rows = {row.day: row for row in days}
    if not rows:
        return []
    shown = _every_day(min(rows), max(rows))
    labels = [f"{day:%d.%m}" for day in shown]
    return [
        {
            "title": title,
            "data": json.dumps({"labels": labels, "datasets": _lines(lines, rows, shown)}),
            "options": json.dumps(_options(title, with_legend=len(lines) > 1)),
        }
        for title, lines in CHARTS.items()
    ]


def _options(title: str, *, with_legend: bool) -> dict[str, object]:
    ticks = {"color": GREY, "precision": 0, "maxTicksLimit": 7}
    return {
        "animation": False, "responsive": True, "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {
                "display": with_legend, "align": "end",
                "labels": {"color": GREY, "usePointStyle": True, "boxHeight": 5, "boxWidth": 5},
            }
        },
        "scales": {
            "x": {"ticks": {"color": GREY, "maxRotation": 0, "autoSkipPadding": 12}, "grid": {"display": False}},
            "y": {"beginAtZero": title in ZERO_BASED, "ticks": ticks, "border": {"display": False}, "grid": {}},
        },
    }  # fmt: skip


def _every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _lines(
    lines: dict[str, tuple[str, str]], rows: dict[date, ChannelDay], shown: list[date]
) -> list[dict[str, object]]:
    return [
        {
            "label": label, "data": [getattr(rows.get(day), name, None) for day in shown],
            "borderColor": color, "backgroundColor": color, "borderWidth": 2,
            "pointStyle": "circle", "pointRadius": 2,  # or a single day between two gaps is not seen
        }
        for name, (label, color) in lines.items()
    ]  # fmt: skip
