"""The Swagger description: every operation has a summary, its errors, and who may call it."""

from typing import Any

from django.contrib.auth import get_user_model
from drf_yasg import openapi
from drf_yasg.generators import OpenAPISchemaGenerator
from drf_yasg.inspectors import SwaggerAutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.serializers import ListSerializer
from rest_framework.views import APIView

from config import examples

INFO = openapi.Info(
    title="Telegive",
    default_version="v1",
    description=(
        "Giveaways, channels, mailings and offers for people who run channels on Telegram.\n\n"
        "Open an account with `POST /api/v1/auth/register`, log in with `POST /api/v1/auth/login`, press "
        "**Authorize** and enter `Bearer <access>`. Every path answers with and without a slash "
        "at its end.\n\n"
        "Every error has one shape: `{status, code, message, errors?}`; `code` is stable, `errors` names "
        "fields. Sentences are in the account's language (`account_language` of the profile), in a Mini App in the "
        "person's, and before anybody is known in that of `Accept-Language`: English or Russian. Rate-limited "
        "answers carry `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds); every "
        "answer carries `X-Request-ID`. Work done by a worker answers 202; `Prefer: wait=N` (up to 10) waits "
        "for the result."
    ),
)

ERRORS = {
    "400": (
        "The body or the query has the wrong shape.",
        "VALIDATION_ERROR",
        "title: This field is required.",
    ),
    "401": ("No token, or one that is no longer good.", "NOT_AUTHENTICATED", "Log in first."),
    "403": ("The caller may not do this.", "PERMISSION_DENIED", "You may not do this."),
    "404": ("There is no such thing in the caller's account.", "NOT_FOUND", "Not found."),
    "409": ("The state of things does not allow it.", "CONFLICT", "Something stands against it."),
    "429": ("Too often; `Retry-After` says when again.", "RATE_LIMIT_EXCEEDED", "Request was throttled."),
}

ERROR_SCHEMA = openapi.Schema(
    title="Error",
    type=openapi.TYPE_OBJECT,
    required=["status", "code", "message"],
    properties={
        "status": openapi.Schema(type=openapi.TYPE_STRING, enum=["error"]),
        "code": openapi.Schema(type=openapi.TYPE_STRING, description="Stable; programs decide by it"),
        "message": openapi.Schema(type=openapi.TYPE_STRING, description="A sentence for people"),
        "errors": openapi.Schema(
            type=openapi.TYPE_OBJECT,
            description="For each field, by its dotted name, what is wrong with it",
            additional_properties=openapi.Schema(
                type=openapi.TYPE_ARRAY, items=openapi.Schema(type=openapi.TYPE_STRING)
            ),
        ),
    },
)


SHORT = {"register": "auth", "login": "auth"} | dict.fromkeys(
    ("bulk_message", "status", "state", "cancel"), "broadcasts"
)


class Generator(OpenAPISchemaGenerator):  # type: ignore[misc]
    """Describes views as somebody who is logged in and owns nothing would see them."""

    def create_view(self, callback: Any, method: str, request: Request | None = None) -> APIView:
        view: APIView = super().create_view(callback, method, request)
        if view.request is not None:
            view.request.user = get_user_model()()
        return view


class Schema(SwaggerAutoSchema):  # type: ignore[misc]
    """drf-yasg documents only success; this adds errors, examples and pages; the docstring is the summary."""

    def get_responses(self) -> openapi.Responses:
        responses = super().get_responses()
        for response in responses.values():
            self.exemplify(response)
        for status, (description, code, message) in ERRORS.items():
            if status not in responses:
                responses[status] = self.error(description, code, message)
        return responses

    def exemplify(self, response: openapi.Response) -> None:
        """An answer in JSON shows an example."""
        schema = response.get("schema")
        if schema is None or "examples" in response or schema.get("type") == openapi.TYPE_FILE:
            return
        example = examples.example_of(schema, self.components)
        if example is not examples.UNKNOWN:
            response["examples"] = {"application/json": example}

    def get_response_schemas(self, response_serializers: dict[str, Any]) -> dict[str, openapi.Response]:
        """Every list an operation names is answered in pages."""
        responses: dict[str, openapi.Response] = super().get_response_schemas(response_serializers)
        for status, answer in response_serializers.items():
            if isinstance(answer, ListSerializer) and self.should_page():
                page = self.get_paginated_response(responses[status]["schema"])
                responses[status]["schema"] = page
        return responses

    def should_page(self) -> bool:
        """Where the operation names its answers, they tell; the library takes every GET for a list."""
        named = self.overrides.get("responses")
        if named is None:
            return bool(super().should_page())
        return bool(getattr(self.view, "paginator", None)) and any(map(is_paged, named.values()))

    def error(self, description: str, code: str, message: str) -> openapi.Response:
        definitions = self.components.with_scope(openapi.SCHEMA_DEFINITIONS)
        definitions.setdefault("Error", lambda: ERROR_SCHEMA)
        example: dict[str, Any] = {"status": "error", "code": code, "message": message}
        if code == "VALIDATION_ERROR":
            name, _, detail = message.partition(": ")
            example["errors"] = {name: [detail]}
        return openapi.Response(
            description,
            schema=openapi.SchemaRef(definitions, "Error"),
            examples={"application/json": example},
        )

    def get_tags(self, operation_keys: list[str] | None = None) -> list[str]:
        """The noun of the path: /api/giveaways/create and /api/v1/auth/login are about giveaways and auth."""
        nouns = [key for key in operation_keys or self.operation_keys if key not in ("api", "v1")]
        return [SHORT.get(nouns[0], nouns[0])]

    def split_summary_from_description(self, description: str) -> tuple[str, str]:
        """The docstring's first paragraph is the summary, also when there is no other."""
        first, _, rest = description.strip().partition("\n\n")
        return " ".join(first.split()), rest.strip()

    def get_security(self) -> list[dict[str, list[str]]] | None:
        """From the view's own authentication classes, unless the operation says otherwise."""
        named: list[dict[str, list[str]]] | None = self.overrides.get("security")
        return named if named is not None else security_of(self.view.get_authenticators())


def is_paged(answer: Any) -> bool:
    """A list, or totals with the page of a list beside them."""
    return isinstance(answer, ListSerializer) or "next" in getattr(answer, "_declared_fields", {})


def security_of(authenticators: list[BaseAuthentication]) -> list[dict[str, list[str]]]:
    """One alternative for every scheme a view understands."""
    kinds = {kind.__name__ for authenticator in authenticators for kind in type(authenticator).__mro__}
    schemes = {name.removesuffix("Authentication") for name in kinds}
    return [{scheme: []} for scheme in ("Bearer", "Basic", "InitData") if scheme in schemes]
