"""Token sessions, from login to logout: the only writer of refresh tokens and of ended sessions.

Every login opens a session. Its id is the claim `sid` of the refresh token and of every token made from
it, so that logout can end them all: the id is marked in Redis for as long as any of them could live, and
the refresh tokens are blacklisted in the database, which holds even if Redis forgets.
"""

import functools
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db import transaction
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from accounts.errors import SessionEnded
from accounts.models import User
from config.redis import client

Kind = TypeVar("Kind", bound=Token)
SESSION, PASSWORD, ACCOUNT = "sid", "pwh", "acc"


@dataclass(frozen=True)
class Tokens:
    """What a client holds: `access` for requests, `refresh` for the next pair. Shown once, never stored."""

    access: str
    refresh: str


def open_session(user: User) -> Tokens:
    """A new session for a user who has just proven who they are."""
    token = RefreshToken()
    token[api_settings.USER_ID_CLAIM] = str(user.pk)
    token[SESSION] = secrets.token_urlsafe(16)
    token[PASSWORD] = password_mark(user)
    return issue(token, user)


@transaction.atomic
def renew(raw: str) -> Tokens:
    """Exchanges a refresh token for a new pair; each refresh token works once."""
    token = parse(RefreshToken, raw)
    user = user_of(token)
    if not spend(token):
        raise SessionEnded
    token.set_jti()
    token.set_exp()
    token.set_iat()
    return issue(token, user)


def user_of(token: Token) -> User:
    """The user a valid token speaks for. Raises SessionEnded.

    Costs one look into Redis and one query by primary key, which the request needs anyway for its
    account; in return logout, deactivation and a changed password end every token at once.
    """
    if is_revoked(str(token.get(SESSION, ""))):
        raise SessionEnded
    found = User.objects.select_related("account").filter(pk=token.get(api_settings.USER_ID_CLAIM))
    user = found.filter(is_active=True).first()
    if user is None or not secrets.compare_digest(str(token.get(PASSWORD, "")), password_mark(user)):
        raise SessionEnded
    return user


def access_user(raw: str) -> tuple[User, AccessToken]:
    """The user and the token behind the text of an access token. Raises SessionEnded."""
    token = parse(AccessToken, raw)
    return user_of(token), token


@dataclass(frozen=True)
class Reader:
    """Who a token says its bearer is; not looked up, so no user."""

    pk: int
    account_id: int
    is_authenticated: bool = True


def reader(raw: str, *, beside: Sequence[str] = ()) -> tuple[Reader, list[str | None]]:
    """Who bears an access token, asking nobody but Redis whether the session was ended. Raises SessionEnded.

    The user's row is not looked at: somebody deactivated, or whose password was changed, reads on until the token
    runs out. So this is for what every user may read alike, and nothing else. `beside` names further keys of
    Redis whose values come with the same look.
    """
    claims = _claims(raw)
    if claims["exp"] <= time.time() or ACCOUNT not in claims or not claims.get(SESSION):
        raise SessionEnded
    ended, *values = cast(list[str | None], client().mget(key(claims[SESSION]), *beside))
    if ended:
        raise SessionEnded
    return Reader(pk=int(claims[api_settings.USER_ID_CLAIM]), account_id=claims[ACCOUNT]), values


@functools.lru_cache(maxsize=4096)
def _claims(raw: str) -> Mapping[str, Any]:
    """What an access token says, once its signature was checked; it says the same each time it comes."""
    return parse(AccessToken, raw).payload


@transaction.atomic
def end(token: AccessToken, refresh: str | None = None) -> None:
    """Ends the session of an access token, and that of a refresh token of the same user if one is given."""
    user_id = token[api_settings.USER_ID_CLAIM]
    ended = {str(token[SESSION])}
    if refresh:
        other = parse(RefreshToken, refresh)
        if other.get(api_settings.USER_ID_CLAIM) != user_id:
            raise SessionEnded
        ended.add(str(other.get(SESSION, "")))
    living = OutstandingToken.objects.filter(user_id=user_id, token__in=ended, blacklistedtoken=None)
    BlacklistedToken.objects.bulk_create(
        [BlacklistedToken(token=row) for row in living], ignore_conflicts=True
    )
    for session in ended:
        client().set(key(session), "1", ex=int(api_settings.REFRESH_TOKEN_LIFETIME.total_seconds()))


def is_revoked(session: str) -> bool:
    """Whether this session was ended by a logout; a token without a session is none of ours."""
    return not session or bool(client().exists(key(session)))


def key(session: str) -> str:
    return f"session:ended:{session}"


def parse(kind: type[Kind], raw: str) -> Kind:
    """A token whose signature, kind and time are right. Raises SessionEnded."""
    try:
        return kind(raw)  # type: ignore[arg-type]
    except TokenError as error:
        raise SessionEnded from error


def password_mark(user: User) -> str:
    """Changes with the password; a keyed hash, so a token tells nothing about it."""
    return user.get_session_auth_hash()[:16]


def issue(token: RefreshToken, user: User) -> Tokens:
    """Registers a refresh token and writes it out with an access token of the same session.

    The registry keeps the session's id where simplejwt would keep the token: a copy of the database
    must not contain anything one could log in with.
    """
    token[ACCOUNT] = user.account_id
    OutstandingToken.objects.create(
        user=user,
        jti=token[api_settings.JTI_CLAIM],
        token=token[SESSION],
        created_at=token.current_time,
        expires_at=datetime_from_epoch(token["exp"]),
    )
    return Tokens(access=str(token.access_token), refresh=str(token))


def spend(token: RefreshToken) -> bool:
    """Blacklists the token; False when somebody did so before, also at this very moment."""
    row = OutstandingToken.objects.select_for_update().filter(jti=token[api_settings.JTI_CLAIM]).first()
    if row is None:
        return False
    created: Any = BlacklistedToken.objects.get_or_create(token=row)[1]
    return bool(created)
