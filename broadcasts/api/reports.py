"""Reports of broadcasts: totals as JSON, recipients as CSV, streamed."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from accounts.models import User
from broadcasts.models import Broadcast
from broadcasts.services import report


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


def csv_answer(broadcast: Broadcast, user: User) -> StreamingHttpResponse:
    """The report as a file to keep; staff who may not see other accounts' people see no chat's whole number."""
    return StreamingHttpResponse(
        report.csv_lines(broadcast, masked=not user.may_see_people_of(broadcast.account_id)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{report.file_name(broadcast)}"'},
    )
