"""What OpenTelemetry is told: requests, tasks and queries with their times; no parameters, no query strings.

Calls of the Bot API are left out on purpose: their addresses contain tokens.
"""

from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status

ADDRESSES = ("http.url", "http.target", "url.full", "url.query")


class Discreet(BatchSpanProcessor):
    """What an exception said stays here."""

    def on_end(self, span: ReadableSpan) -> None:
        if span.status.description:
            span._status = Status(span.status.status_code)
        super().on_end(span)


def start() -> None:
    """The address and the name come from OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_SERVICE_NAME."""
    provider = TracerProvider(resource=Resource.create(), span_limits=SpanLimits(max_events=0))
    provider.add_span_processor(Discreet(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(request_hook=leave_out_query)
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    # psycopg2-binary is psycopg2 under another name.
    Psycopg2Instrumentor().instrument(skip_dep_check=True)


def leave_out_query(span: Any, _request: Any) -> None:
    """What people searched for is their business."""
    for name in ADDRESSES:
        if value := (span.attributes or {}).get(name):
            span.set_attribute(name, "" if name == "url.query" else str(value).partition("?")[0])
