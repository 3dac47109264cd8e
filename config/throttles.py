"""How often one may ask: a GCRA limiter in Redis, one atomic call however many limits apply.

DRF's own throttles read, count and write in three steps, so concurrent requests pass together; this one
decides inside Redis. Rates live in settings.THROTTLE_RATES and are multiplied by settings.THROTTLE_SCALE.
"""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http import HttpRequest
from redis.commands.core import Script
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.addresses import client_address, neighbourhood
from config.redis import client

if TYPE_CHECKING:  # these modules read settings that name this one
    from rest_framework.views import APIView

# Generic cell rate algorithm. A key holds its theoretical arrival time in microseconds; a request costs
# one emission interval and is refused when the arrival time would run further ahead than one period.
# Either every limit takes the cost or none does; a negative cost gives back. Whole microseconds only:
# fractions would add up to a refusal too early. Answers, for the tightest limit: whether allowed, which
# limit, how many remain, microseconds until it is full again, microseconds to wait.
GCRA = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost = tonumber(ARGV[1])
local least, tightest, arrivals, rooms, intervals = nil, 1, {}, {}, {}
for i, key in ipairs(KEYS) do
  local limit, period = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  intervals[i] = math.max(1, math.floor(period / limit))
  arrivals[i] = math.max(now, tonumber(redis.call('GET', key) or '0')) + cost * intervals[i]
  rooms[i] = now + period - arrivals[i]
  local remaining = rooms[i] / intervals[i]
  if rooms[i] < 0 then remaining = rooms[i] end
  if least == nil or remaining < least then least, tightest = remaining, i end
end
if rooms[tightest] < 0 then
  local full = arrivals[tightest] - cost * intervals[tightest] - now
  return {0, tightest, 0, full, -rooms[tightest]}
end
for i, key in ipairs(KEYS) do
  local ahead = arrivals[i] - now
  if ahead > 0 then redis.call('SET', key, string.format('%.0f', arrivals[i]), 'PX', math.ceil(ahead / 1000))
  else redis.call('DEL', key) end
end
return {1, tightest, math.floor(least), math.max(0, arrivals[tightest] - now), 0}
"""


@dataclass(frozen=True)
class Limit:
    """One allowance: `scope` names the rate, `who` the one it is counted for."""

    scope: str
    who: str

    @property
    def key(self) -> str:
        return f"limit:{self.scope}:{self.who}"

    @property
    def rate(self) -> tuple[int, int]:
        """(requests, seconds) after scaling; never below one request."""
        requests, seconds = settings.THROTTLE_RATES[self.scope]
        return max(1, round(requests * settings.THROTTLE_SCALE)), seconds


@dataclass(frozen=True)
class Verdict:
    """What the limiter said, for the tightest limit of the request; times in seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


def take(limits: list[Limit], *, cost: int = 1) -> Verdict:
    """Takes `cost` from all limits, or from none when one of them lacks it; a negative cost gives back."""
    rates = [limit.rate for limit in limits]
    arguments: list[int] = [cost]
    for requests, seconds in rates:
        arguments += [requests, seconds * 1_000_000]
    answer = _script()(keys=[limit.key for limit in limits], args=arguments, client=client())
    allowed, index, remaining, reset, wait = cast(list[int], answer)
    return Verdict(
        allowed=bool(allowed),
        limit=rates[index - 1][0],
        remaining=remaining,
        reset=-(-reset // 1_000_000),
        retry_after=max(1, -(-wait // 1_000_000)) if not allowed else 0,
    )


@functools.cache
def _script() -> Script:
    return client().register_script(GCRA)


def limits_of(request: Request, scope: str | None) -> list[Limit]:
    """The limits of a request: its address, its account when it has one, and the view's own scope."""
    address = neighbourhood(client_address(request._request))
    account_id = getattr(request.user, "account_id", None)
    limits = [Limit("address", address)]
    if account_id is not None:
        limits.append(Limit("account", str(account_id)))
    if scope:
        limits.append(Limit(scope, str(account_id) if account_id is not None else f"ip-{address}"))
    return limits


class Throttle(BaseThrottle):
    """DRF's door to the limiter. A view names an extra, stricter rate in `throttle_scope`."""

    verdict: Verdict | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        self.verdict = take(limits_of(request, getattr(view, "throttle_scope", None)))
        remember(request._request, self.verdict)
        return self.verdict.allowed

    def wait(self) -> float | None:
        return self.verdict.retry_after if self.verdict else None


def remember(request: HttpRequest, verdict: Verdict) -> None:
    """Leaves the verdict where the middleware that writes RateLimit headers finds it."""
    request.rate_limit = verdict  # type: ignore[attr-defined]
