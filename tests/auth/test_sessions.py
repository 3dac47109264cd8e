"""What a token is worth: refreshed, stolen, forged, after a logout, after a new password."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import sessions, tasks
from accounts.models import AuditEntry, User
from accounts.sessions import Tokens
from config.redis import client as redis_client
from tests.conftest import client_of
from tests.threads import in_threads

AUTH = "/api/v1/auth"


def profile(access: str) -> Any:
    return client_of(None).get(f"{AUTH}/profile", HTTP_AUTHORIZATION=f"Bearer {access}")


def refresh(token: str) -> Any:
    return client_of(None).post(f"{AUTH}/refresh", {"refresh": token})


def log_out(access: str, **body: Any) -> Any:
    return client_of(None).post(f"{AUTH}/logout", body, HTTP_AUTHORIZATION=f"Bearer {access}")


def assert_ended(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_INVALID")


@pytest.fixture
def tokens(owner: User) -> Tokens:
    return sessions.open_session(owner)


def test_a_refresh_answers_a_new_pair_of_the_same_session(tokens: Tokens) -> None:
    answer = refresh(tokens.refresh)
    assert answer.status_code == 200
    assert profile(answer.json()["access"]).status_code == 200
    log_out(tokens.access)
    assert_ended(profile(answer.json()["access"]))
    assert_ended(refresh(answer.json()["refresh"]))


def test_a_refresh_token_works_once(tokens: Tokens) -> None:
    refresh(tokens.refresh)
    assert_ended(refresh(tokens.refresh))


def test_one_of_many_refreshes_at_once_gets_the_pair(transactional_db: None, owner: User) -> None:
    token = sessions.open_session(owner).refresh
    codes = in_threads(8, lambda: refresh(token).status_code)
    assert sorted(codes) == [200] + [401] * 7  # type: ignore[type-var]


@pytest.mark.parametrize("with_refresh", [True, False])
def test_a_logout_ends_the_access_token_and_the_refresh_token(tokens: Tokens, with_refresh: bool) -> None:
    answer = log_out(tokens.access, **({"refresh": tokens.refresh} if with_refresh else {}))
    assert answer.status_code == 204
    assert_ended(profile(tokens.access))
    assert_ended(refresh(tokens.refresh))


def test_a_logout_leaves_the_other_sessions_alone(owner: User, tokens: Tokens) -> None:
    other = sessions.open_session(owner)
    log_out(tokens.access)
    assert profile(other.access).status_code == 200


def test_a_logout_holds_for_refresh_tokens_even_if_redis_forgets(tokens: Tokens) -> None:
    log_out(tokens.access)
    redis_client().flushdb()
    assert_ended(refresh(tokens.refresh))


def test_a_logout_does_not_end_somebody_elses_session(tokens: Tokens, stranger: User) -> None:
    theirs = sessions.open_session(stranger)
    assert_ended(log_out(tokens.access, refresh=theirs.refresh))
    assert profile(theirs.access).status_code == refresh(theirs.refresh).status_code == 200
    assert profile(tokens.access).status_code == 200


def test_a_logout_is_recorded(owner: User, tokens: Tokens) -> None:
    log_out(tokens.access)
    assert AuditEntry.objects.get(verb="log_out").actor_id == owner.id


def test_a_new_password_ends_every_session_at_once(owner: User, tokens: Tokens) -> None:
    owner.set_password("another-horse-8")
    owner.save()
    assert_ended(profile(tokens.access))
    assert_ended(refresh(tokens.refresh))


def test_deactivation_ends_every_session_at_once(owner: User, tokens: Tokens) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert_ended(profile(tokens.access))
    assert_ended(refresh(tokens.refresh))


def test_a_deleted_user_is_nobody(owner: User, tokens: Tokens) -> None:
    User.objects.filter(pk=owner.pk).delete()
    assert_ended(profile(tokens.access))


def test_tokens_expire(tokens: Tokens) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert_ended(profile(tokens.access))
        assert refresh(tokens.refresh).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert_ended(refresh(tokens.refresh))


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(tokens: Tokens) -> None:
    assert_ended(profile(tokens.refresh))
    assert_ended(refresh(tokens.access))


def forged(owner: User, **header: Any) -> str:
    claims = {"token_type": "access", "user_id": str(owner.pk), "exp": 4_000_000_000, "jti": "x", "sid": "x"}
    return jwt.encode(claims, header.pop("key", settings.SECRET_KEY), **header)


def test_forged_tokens_are_worth_nothing(owner: User) -> None:
    assert_ended(profile(forged(owner, key=None, algorithm="none")))
    assert_ended(profile(forged(owner, key="another-key-of-sufficient-length-000", algorithm="HS256")))
    # Rightly signed, but without a session of ours and the mark of the password.
    assert_ended(profile(forged(owner, algorithm="HS256")))


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer \u00e9", "Bearer eyJ.e.y"])
def test_a_broken_header_is_a_401(db: None, header: str) -> None:
    answer = client_of(None).get(f"{AUTH}/profile", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401


def test_expired_tokens_are_forgotten(tokens: Tokens) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        tasks.forget_ended_sessions()
    assert not OutstandingToken.objects.exists()


def test_one_request_costs_one_query(owner: User, tokens: Tokens, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        sessions.access_user(tokens.access)


def test_the_command_behind_the_task_exists(db: None) -> None:
    call_command("flushexpiredtokens")
