"""How far broadcasts are, as the back office shows it: bars that a script keeps up to date."""

import json
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime

from broadcasts import services
from broadcasts.models import Broadcast

BAR = """<div class="broadcast-progress" data-broadcast="{}" data-live="{}" data-url="{}">
<progress max="{}" value="{}"></progress><span>{}</span></div>"""
COLORS = {"sent": "--color-green-500", "failed": "--color-red-500", "skipped": "--color-base-400",
          "uncertain": "--color-orange-500", "pending": "--color-base-300"}  # fmt: skip
NOBODY = services.Counts()


def told(broadcast: Broadcast, counted: services.Counts) -> dict[str, Any]:
    """What the script needs to draw one bar and fill the numbers beside it."""
    done = counted.recipients - counted.pending
    share = f" · {100 * done // counted.recipients} %" if counted.recipients else ""
    numbers = {name: getattr(counted, name) for name in ("sent", "failed", "skipped", "uncertain", "pending")}
    return {
        "live": broadcast.status in Broadcast.LIVE,
        "status": broadcast.status,
        "done": done,
        "most": max(1, counted.recipients),
        "text": f"{done:,} of {counted.recipients:,}{share}",
        "numbers": numbers,
    }


def told_in_full(broadcast: Broadcast) -> dict[str, Any]:
    """The same with the rate and the end."""
    found = services.progress(broadcast)
    facts = told(broadcast, found.counts)
    if found.rate is not None:
        facts["text"] += f" · {found.rate:g} a second"
    if found.eta is not None:
        facts["text"] += f" · done by {date_format(localtime(found.eta), 'H:i:s, j M')}"
    return facts


def bar(broadcast: Broadcast, facts: dict[str, Any]) -> str:
    """The bar; its script asks the address it carries."""
    url = reverse("admin:broadcasts_broadcast_progress")
    live = "1" if facts["live"] else ""
    return format_html(BAR, broadcast.pk, live, url, facts["most"], facts["done"], facts["text"])


def number(broadcast: Any, name: str) -> str:
    """A count the script keeps up to date."""
    value = getattr(broadcast.counted, name)
    return format_html('<span data-of="{}" data-count="{}">{}</span>', broadcast.pk, name, f"{value:,}")


def chart(broadcast: Broadcast) -> str:
    """Chart.js data: recipients by outcome and kind, the most frequent first."""
    found = services.kinds(broadcast)
    pending = services.counts([broadcast.pk]).get(broadcast.pk, NOBODY).pending
    bars = [(outcome, kind, many) for outcome, kinds in found.items() for kind, many in kinds.items()]
    bars += [("pending", "ok", pending)] if pending else []
    bars.sort(key=lambda one: -one[2])
    data = {
        "labels": [outcome if kind == "ok" else f"{outcome}: {kind}" for outcome, kind, _ in bars],
        "datasets": [
            {
                "label": "recipients",
                "data": [many for *_, many in bars],
                "backgroundColor": [f"var({COLORS[outcome]})" for outcome, *_ in bars],
                "displayYAxis": True,
                "maxBarThickness": 60,
                "minBarLength": 4,
            }
        ],
    }
    return json.dumps(data)
