"""Who makes an HTTP request: bearer tokens, Basic credentials, and the actor the trail records."""

import base64
import binascii
from typing import cast

import structlog
from rest_framework import authentication
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework_simplejwt.tokens import AccessToken

from accounts import logins, services, sessions
from accounts.audit import Actor
from accounts.errors import InvalidCredentials
from accounts.models import User
from config.addresses import client_address, neighbourhood
from config.language import speak
from config.throttles import Limit, take


def actor_of(request: Request) -> Actor:
    """The authenticated user behind a request, with the address they came from."""
    return services.actor(user_of(request), client_address(request._request))


def user_of(request: Request) -> User:
    """The authenticated user; for views that require one."""
    return cast(User, request.user)


def known(user: User) -> User:
    """From here on log lines of the request say who asks, and refusals are told in their language."""
    structlog.contextvars.bind_contextvars(user_id=user.pk, account_id=user.account_id)
    speak(user.account.language)
    return user


def credentials(request: Request, scheme: str) -> str | None:
    """What follows the scheme in the Authorization header; schemes are the same in any case."""
    given, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    return rest.strip() if given.lower() == scheme else None


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`.

    Per request: one look into Redis (was the session ended?) and one query by primary key (the user, who
    carries the account). Logout, deactivation and a changed password therefore take effect at once.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        raw = credentials(request, "bearer")
        if raw is None:
            return None
        user, token = sessions.access_user(raw)
        return known(user), token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="api"'


class BasicAuthentication(BaseAuthentication):
    """`Authorization: Basic <base64 of name:password>`, beside Bearer on the views that name it.

    Every request pays for a password hash, a few hundred milliseconds: a convenience for scripts.
    Failures count twice, per address here and per name and address in django-axes.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        encoded = credentials(request, "basic")
        if encoded is None:
            return None
        username, password = decode(encoded)
        failures = [Limit("basic", neighbourhood(client_address(request._request)))]
        # Taken before the hash is computed and given back afterwards: parallel guesses cannot slip by.
        if not (verdict := take(failures)).allowed:
            raise Throttled(wait=verdict.retry_after)
        user = logins.check(request._request, username=username, password=password)
        take(failures, cost=-1)
        return known(user), None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Basic realm="api", charset="UTF-8"'


class SessionAuthentication(authentication.SessionAuthentication):
    """Whoever is logged in to the admin may try the API in Swagger."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        if found is not None:
            known(found[0])
        return found


def decode(encoded: str) -> tuple[str, str]:
    """(name, password); whatever cannot be read is a wrong login."""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidCredentials from error
    username, colon, password = text.partition(":")
    if not colon or "\0" in text:
        raise InvalidCredentials
    return username, password
