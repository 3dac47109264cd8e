"""Whether a name and a password belong together; guessing is counted and locked out by django-axes."""

from collections.abc import Mapping
from datetime import datetime

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.errors import InvalidCredentials, TooManyLogins
from accounts.models import User


def name_tried(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str | None:
    """settings.AXES_USERNAME_CALLABLE: the name an attempt counts for, in one spelling.

    Names are the same in any case; counted as written, each spelling would give ten more guesses.
    """
    name = (credentials or {}).get("username") or request.POST.get("username")
    return User.normalize_username(name).lower()[:255] if name else None


def check(request: HttpRequest, *, username: str, password: str) -> User:
    """The active user with this name and password; raises InvalidCredentials or TooManyLogins."""
    user = authenticate(request, username=username, password=password)
    if isinstance(user, User):
        return user
    if getattr(request, "axes_locked_out", False):
        raise TooManyLogins
    raise InvalidCredentials


def forget_attempts(*, before: datetime, most: int) -> int:
    """Logins, with their addresses and browsers, are forgotten; how many, at most `most` of each kind."""
    gone = 0
    for kind in (AccessAttempt, AccessFailureLog, AccessLog):
        old = kind.objects.filter(attempt_time__lt=before).order_by("attempt_time").values("pk")[:most]
        gone += kind.objects.filter(pk__in=old).delete()[0]
    return gone
