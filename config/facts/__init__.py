"""Numbers of the business for /metrics of the web process: read from the rows themselves, for all replicas at once.

They are the same whichever process tells them, so a query takes their `max`, never their sum. Whatever stands in the
way of reading them, the numbers that processes counted are shown all the same.
"""

import json
import time
from collections.abc import Iterator

import redis
import structlog
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from config import heartbeat, metrics
from config.facts.rows import FACTS
from config.facts.work import WORK
from config.redis import client

log = structlog.get_logger(__name__)
KEY = "facts"
REMEMBERED_SECONDS = 10
MOST_MILLISECONDS = 3000  # of one query: Prometheus does not wait for ever, and neither does the database
ALL = (*FACTS, *WORK)

Sample = tuple[list[str], float]
Known = dict[str, list[Sample]]


class Facts(Collector):
    """What Prometheus is told at each visit."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        started = time.perf_counter()
        try:
            known = lately()
        except (DatabaseError, redis.RedisError) as error:
            log.warning("facts_not_read", error=type(error).__name__)
            connection.close()
            known = {}
        yield GaugeMetricFamily("telegive_facts_up", "Whether the numbers below could be read", bool(known))
        took = time.perf_counter() - started
        yield GaugeMetricFamily("telegive_facts_seconds", "How long reading the numbers took", took)
        for fact in ALL:
            family = GaugeMetricFamily(fact.name, fact.help, labels=fact.labels)
            for labels, value in known.get(fact.name, []):
                family.add_metric(labels, value)
            yield family
        yield from signs_of_life()


def lately() -> Known:
    """What was found within the last seconds, whoever looked."""
    kept = client().get(KEY)
    if kept is not None:
        found: Known = json.loads(str(kept))
        return found
    found = read()
    client().set(KEY, json.dumps(found), ex=REMEMBERED_SECONDS)
    return found


def read() -> Known:
    """One query a fact, each over rows an index finds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [MOST_MILLISECONDS])
        return {fact.name: [(list(labels), float(value)) for labels, value in fact.read()] for fact in ALL}


def signs_of_life() -> Iterator[GaugeMetricFamily]:
    """How long ago a worker last took the clock's task; no sample when nobody knows."""
    family = GaugeMetricFamily(
        "telegive_worker_heartbeat_age_seconds", "Since a worker last took a task of the clock"
    )
    try:
        age = heartbeat.age_seconds()
    except redis.RedisError:
        age = None
    if age is not None:
        family.add_metric([], age)
    yield family


REGISTRY = CollectorRegistry()
REGISTRY.register(Facts())


def page(_request: HttpRequest) -> HttpResponse:
    """/metrics of the web process: what was counted, and what is."""
    text = generate_latest(metrics.registry()) + generate_latest(REGISTRY)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
