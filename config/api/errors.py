"""Every error in one shape: {"status": "error", "code", "message", "errors"?}, whoever raised it."""

import logging
from http import HTTPStatus
from typing import Any

import redis
from django.core.exceptions import RequestDataTooBig
from django.http import JsonResponse
from django.utils.functional import lazystr
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ExceptionHandlerContext
from kombu.exceptions import OperationalError
from rest_framework import exceptions
from rest_framework.response import Response

from config.errors import DomainError
from config.language import Text
from config.telemetry import REFUSALS

log = logging.getLogger(__name__)

# Codes of the contract where the library's own word differs.
CODES = {
    "throttled": "RATE_LIMIT_EXCEEDED",
    "parse_error": "MALFORMED_JSON",
    "token_not_valid": "TOKEN_INVALID",
    "error": "SERVER_ERROR",
}
NAMES = {403: "PERMISSION_DENIED", 429: "RATE_LIMIT_EXCEEDED", 500: "SERVER_ERROR"}
SERVER_ERROR = Text(
    en="Something went wrong on our side. The request id helps us find it.",
    ru="На нашей стороне что-то пошло не так. Номер запроса поможет нам это найти.",
)
SENTENCES = {
    400: Text(en="The request cannot be understood.", ru="Запрос невозможно понять."),
    403: Text(en="You may not do this.", ru="Вам это не разрешено."),
    404: Text(en="There is nothing at this address.", ru="По этому адресу ничего нет."),
    405: Text(en="This address does not take this method.", ru="Этот адрес не принимает такой метод."),
    429: Text(en="Too many requests. Try again later.", ru="Слишком много запросов. Попробуйте позже."),
    500: SERVER_ERROR,
}
NO_SERVICE = Text(
    en="A part of the service does not answer. Nothing was changed; try again in a minute.",
    ru="Часть сервиса не отвечает. Ничего не изменилось, попробуйте через минуту.",
)
TOO_LARGE = Text(en="The body is too large.", ru="Тело запроса слишком велико.")
NOT_VALID = Text(en="The request is not valid.", ru="В запросе ошибка.")
CHALLENGE = 'Bearer realm="api"'


def body(code: str, message: Text | str, errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The one shape, in the language spoken now."""
    shape: dict[str, Any] = {"status": "error", "code": code, "message": str(message)}
    return {**shape, "errors": errors} if errors else shape


def json_error(status: int, message: Text | str | None = None, code: str | None = None) -> JsonResponse:
    """The one shape as a plain Django answer, for what happens outside the API views."""
    meaning = HTTPStatus(status)
    sentence = message or SENTENCES.get(status) or f"{meaning.phrase}."
    return JsonResponse(body(code or NAMES.get(status, meaning.name), sentence), status=status)


class ServiceUnavailable(exceptions.APIException):
    """Redis or the broker does not answer: the request was not carried out, and may be repeated."""

    status_code = 503
    default_code = "service_unavailable"
    default_detail = lazystr(NO_SERVICE)


class BodyTooLarge(exceptions.APIException):
    """More than settings.DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = 413
    default_code = "body_too_large"
    default_detail = lazystr(TOO_LARGE)


class Formatter(ExceptionFormatter):
    """Flattens nested details to dotted names and puts them into the one shape."""

    def run(self) -> dict[str, Any]:
        if self.exc.status_code >= 500 and not isinstance(self.exc, ServiceUnavailable):
            return body("SERVER_ERROR", SERVER_ERROR)
        found = self.get_errors()
        if isinstance(self.exc, exceptions.ValidationError):
            return invalid([(str(error.attr or "non_field_errors"), error.detail) for error in found])
        # simplejwt nests its reasons; the outermost sentence is the one meant for the caller.
        code = found[0].code if found else self.exc.default_code
        return body(CODES.get(code, code.upper()), found[0].detail if found else str(self.exc))


def invalid(found: list[tuple[str, str]]) -> dict[str, Any]:
    """The answer to a body or query that breaks its shape; the sentence names the first fault."""
    errors: dict[str, list[str]] = {}
    for name, detail in found:
        errors.setdefault(name, []).append(detail)
    name, detail = found[0] if found else ("non_field_errors", str(NOT_VALID))
    return body("VALIDATION_ERROR", detail if name == "non_field_errors" else f"{name}: {detail}", errors)


class Handler(ExceptionHandler):
    """Adds the rules' refusals and the outages to what the library knows."""

    def run(self) -> Response:
        response = self.refuse(self.exc) if isinstance(self.exc, DomainError) else super().run()
        if response is None:  # the library passes a crash on when DEBUG is set, and here it never is
            raise self.exc
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            response.headers.setdefault("WWW-Authenticate", CHALLENGE)
        return response

    def refuse(self, exc: DomainError) -> Response:
        self.set_rollback()
        REFUSALS.labels(exc.code).inc()
        headers = {"Retry-After": str(exc.facts["retry_after"])} if "retry_after" in exc.facts else None
        return Response(body(exc.code, exc.sentence, exc.faults), status=exc.status, headers=headers)

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, redis.ConnectionError | redis.TimeoutError | OperationalError):
            log.error("an outage refused a request: %r", exc)
            return ServiceUnavailable()
        if isinstance(exc, RequestDataTooBig):
            return BodyTooLarge()
        known: Exception = super().convert_known_exceptions(exc)
        return known

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        """Crashes are reported; an outage has been logged, and a refusal is no news."""
        if exc.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            super().report_exception(exc, response)

    def format_exception(self, exc: exceptions.APIException) -> dict[str, Any]:
        shape: dict[str, Any] = Formatter(exc, self.context, self.exc).run()
        return shape


def exception_handler(exc: Exception, context: ExceptionHandlerContext) -> Response:
    """settings.REST_FRAMEWORK["EXCEPTION_HANDLER"]."""
    return Handler(exc, context).run()
