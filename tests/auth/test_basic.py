"""HTTP Basic, for the views that name it."""

import base64
from typing import Any

import pytest
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.api.authentication import BasicAuthentication, BearerAuthentication, actor_of
from accounts.models import User
from tests.factories import PASSWORD
from tests.threads import in_threads


class WhoAmI(APIView):
    authentication_classes = [BearerAuthentication, BasicAuthentication]
    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        return Response({"label": actor.label, "id": actor.user_id, "address": actor.address})


def ask(header: str | bytes) -> Any:
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=header)
    return WhoAmI.as_view()(request)


def basic(username: str = "owner", password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def test_a_name_and_password_are_enough(owner: User) -> None:
    assert ask(basic()).data == {"label": "owner", "id": owner.id, "address": "127.0.0.1"}


def test_a_password_may_contain_colons_and_any_letter(owner: User) -> None:
    owner.set_password("пароль:with:colons")
    owner.save()
    assert ask(basic(password="пароль:with:colons")).status_code == 200


@pytest.mark.parametrize(
    "header",
    [basic(password="wrong"), basic("nobody"), "Basic !!!", "Basic", "Basic bm9jb2xvbg==", "Basic /////w==",
     basic("nul\0", "x")],
)  # fmt: skip
def test_whatever_is_wrong_gets_one_answer(owner: User, header: str) -> None:
    answer = ask(header)
    assert answer.status_code == 401
    assert answer.data["code"] == "INVALID_CREDENTIALS"


def test_guessing_locks_the_name_for_this_address(owner: User) -> None:
    codes = [ask(basic(password=f"guess-{number}")).status_code for number in range(12)]
    assert codes == [401] * 9 + [429] * 3
    assert ask(basic()).status_code == 429


def test_failures_are_limited_per_address_and_successes_are_not(
    owner: User, settings: Any, tight: None
) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "basic": (3, 60)}
    assert {ask(basic()).status_code for _ in range(6)} == {200}
    codes = [ask(basic(f"guess-{number}")).status_code for number in range(5)]
    assert codes == [401] * 3 + [429] * 2
    assert int(ask(basic())["Retry-After"]) > 0


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_pass_no_more_than_the_limit(settings: Any, tight: None) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "basic": (3, 60)}
    codes = in_threads(12, lambda: ask(basic("nobody")).status_code)
    assert sorted(codes) == [401] * 3 + [429] * 9  # type: ignore[type-var]
