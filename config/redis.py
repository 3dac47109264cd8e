"""The one connection pool to Redis for what is ours there: limits, ended sessions, heartbeats."""

import functools

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 3.0


@functools.cache
def client() -> "redis.Redis":
    """A client shared by all threads; values come back as text."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # A connection that went stale is opened again once; the default keeps a request waiting for seconds.
        retry=Retry(NoBackoff(), 1),
    )
