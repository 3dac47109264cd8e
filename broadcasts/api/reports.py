"""Reports of broadcasts: totals as JSON, recipients as CSV, streamed."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from broadcasts.models import Broadcast
from broadcasts.services import report

AT_ONCE = 1_000


class CSVRenderer(BaseRenderer):
    """For those who ask for text/csv; the report streams past it, a refusal is JSON as everywhere."""

    media_type = "text/csv"
    format = "csv"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if renderer_context:
            renderer_context["response"].headers["Content-Type"] = "application/json"
        return json.dumps(data).encode()


def lines(broadcast: Broadcast) -> Iterator[bytes]:
    """The CSV, some lines at a time."""
    rows = report.rows(broadcast)
    yield _written([report.COLUMNS])
    while some := list(islice(rows, AT_ONCE)):
        yield _written([(*row[:4], row[4] and row[4].isoformat(), row[5]) for row in some])


def _written(rows: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_answer(broadcast: Broadcast) -> StreamingHttpResponse:
    """The report as a file to keep."""
    name = f"broadcast-{broadcast.public_id}.csv"
    return StreamingHttpResponse(
        lines(broadcast),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
