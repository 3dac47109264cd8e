"""Whether the platform works: /health for people and monitors, /health/live and /health/ready for probes."""

import http.client
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import heartbeat
from config.api.errors import body
from config.redis import client

log = logging.getLogger(__name__)

TELEGRAM_TIMEOUT_SECONDS = 2.0
TELEGRAM_KEY = "health:telegram"
TELEGRAM_REMEMBERED_SECONDS = 10


class Down(Exception):
    """A component does not answer as it must."""


@dataclass(frozen=True)
class Component:
    """What was found: `time_ms` is how long the answer took."""

    status: str
    time_ms: float


def database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        connection.close()
        raise Down from error


def redis_server() -> None:
    try:
        client().ping()
    except redis.RedisError as error:
        raise Down from error


def celery() -> None:
    """A worker wrote its sign of life not long ago."""
    try:
        age = heartbeat.age_seconds()
    except redis.RedisError as error:
        raise Down from error
    if age is None or age > heartbeat.DEAD_AFTER_SECONDS:
        raise Down(f"no heartbeat for {age} seconds")


def telegram() -> None:
    """Any HTTP answer will do: it says that names resolve, routes work and somebody is there."""
    parts = urlsplit(settings.TELEGRAM_API_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    there = kind(parts.hostname or "", parts.port, timeout=TELEGRAM_TIMEOUT_SECONDS)
    try:
        there.request("HEAD", parts.path or "/")
        there.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise Down from error
    finally:
        there.close()


def probe(ask: Callable[[], None]) -> Component:
    """Asks one component and takes the time."""
    started = time.perf_counter()
    try:
        ask()
        status = "up"
    except Down as error:
        log.warning("health: %s is down: %r", ask.__name__, error.__cause__ or error)
        status = "down"
    return Component(status, round((time.perf_counter() - started) * 1000, 1))


def telegram_lately() -> Component:
    """What was found within the last seconds, so that watching us is not watching Telegram."""
    try:
        if known := client().get(TELEGRAM_KEY):
            return Component(**json.loads(str(known)))
        found = probe(telegram)
        client().set(TELEGRAM_KEY, json.dumps(asdict(found)), ex=TELEGRAM_REMEMBERED_SECONDS)
    except redis.RedisError:
        return probe(telegram)
    return found


def answer(components: dict[str, Component], needed: set[str]) -> Response:
    """200 while everything needed is up; 503 names what is not."""
    down = [name for name, component in components.items() if component.status == "down"]
    found = {"components": {name: asdict(component) for name, component in components.items()}}
    if missing := [name for name in down if name in needed]:
        return Response({**body("UNHEALTHY", f"Down: {', '.join(missing)}."), **found}, status=503)
    return Response({"status": "degraded" if down else "ok", **found})


UP = {"status": "up", "time_ms": 0.8}
HEALTHY = {"status": "ok", "components": dict.fromkeys(("database", "redis", "celery", "telegram"), UP)}
DOCUMENTED = {
    200: openapi.Response("Everything needed is up.", examples={"application/json": HEALTHY}),
    503: openapi.Response(
        "Something needed is down.",
        examples={
            "application/json": {**body("UNHEALTHY", "Down: redis."), "components": HEALTHY["components"]}
        },
    ),
}


class Open(APIView):
    """Whoever watches has no account and must not be limited."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []


class Health(Open):
    @swagger_auto_schema(responses=DOCUMENTED, security=[], tags=["health"])
    def get(self, _request: Request) -> Response:
        """Shows every component with the time it took.

        503 when the database, Redis or the workers are down; `degraded` when only Telegram is.
        """
        components = {
            "database": probe(database),
            "redis": probe(redis_server),
            "celery": probe(celery),
            "telegram": telegram_lately(),
        }
        return answer(components, needed={"database", "redis", "celery"})


class Live(Open):
    @swagger_auto_schema(responses={200: "It runs."}, security=[], tags=["health"])
    def get(self, _request: Request) -> Response:
        """Says that the web process runs; asks nobody else."""
        return Response({"status": "ok"})


class Ready(Open):
    @swagger_auto_schema(responses=DOCUMENTED, security=[], tags=["health"])
    def get(self, _request: Request) -> Response:
        """Says whether this web process can serve requests: the database and Redis answer."""
        components = {"database": probe(database), "redis": probe(redis_server)}
        return answer(components, needed={"database", "redis"})
