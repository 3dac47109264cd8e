"""What happens to every answer: a request id, its language, the state of the limits, and errors in one shape."""

import re
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from config.addresses import client_address
from config.api.errors import json_error
from config.language import Text
from config.throttles import Verdict

Answer = Callable[[HttpRequest], HttpResponseBase]
SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# People look at these in a browser; everything else is read by programs.
PAGES = ("/admin", "/static/", "/draws/", "/swagger/", "/redoc/")
LOCKED_OUT = Text(
    en="Too many failed logins. Try again later.", ru="Слишком много неудачных входов. Попробуйте позже."
)
WATCHED = re.compile(r"/(metrics|health(/live|/ready)?)/?")


def for_people(request: HttpRequest) -> bool:
    """Whether the answer is a page for a person."""
    return request.path.startswith(PAGES)


class RequestIdHeader:
    """X-Request-ID on every answer: the caller's when it is a sane one, else ours; log lines carry it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if SANE_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id  # where django-structlog reads it
        structlog.contextvars.bind_contextvars(address=client_address(request))
        request.started_at = time.perf_counter()  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class SpokenLanguage:
    """The API refuses in the language the client asks for; whoever is recognised later hears their own. Pages choose
    for themselves, and the admin speaks English throughout."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if for_people(request):
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = self.get_response(request)
        if response.status_code >= 400:
            patch_vary_headers(response, ["Accept-Language"])
        return response


class WatchedByAddress:
    """Probes and Prometheus ask each replica by its address, which is in nobody's ALLOWED_HOSTS; what they are
    answered does not depend on the name they asked for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.host = urlsplit(settings.PUBLIC_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if WATCHED.fullmatch(request.path):
            request.META["HTTP_HOST"] = self.host
        return self.get_response(request)


class RateLimitHeaders:
    """RateLimit-Limit, -Remaining and -Reset (seconds) on every answer a limit was asked for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        verdict: Verdict | None = getattr(request, "rate_limit", None)
        if verdict is not None:
            response.headers["RateLimit-Limit"] = str(verdict.limit)
            response.headers["RateLimit-Remaining"] = str(verdict.remaining)
            response.headers["RateLimit-Reset"] = str(verdict.reset)
        return response


class JsonErrors:
    """Errors made outside the API views (unknown paths, hosts, methods, crashes) speak JSON too."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or for_people(request) or is_json(response):
            return response
        answer = json_error(response.status_code)
        for name, value in response.headers.items():
            answer.headers.setdefault(name, value)
        answer.headers["Content-Length"] = str(len(answer.content))
        return answer


def is_json(response: HttpResponseBase) -> bool:
    """Whether the answer is JSON already."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().endswith("json")


def locked_out(request: HttpRequest, _response: HttpResponse | None, _credentials: object) -> HttpResponse:
    """settings.AXES_LOCKOUT_CALLABLE: too many wrong passwords for this name from this address."""
    if for_people(request):
        response = HttpResponse(str(LOCKED_OUT), status=429, content_type="text/plain")
    else:
        response = json_error(429, LOCKED_OUT, "RATE_LIMIT_EXCEEDED")
    response.headers["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
