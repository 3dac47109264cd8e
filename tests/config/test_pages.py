"""Lists in pages."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.test import APIRequestFactory

from accounts.models import Account
from config.api import ModelSerializer
from tests.factories import make_account

Page = Callable[..., Any]


class AccountSerializer(ModelSerializer):
    class Meta:
        model = Account
        fields = ["id"]


class Accounts(ListAPIView[Account]):
    queryset = Account.objects.order_by("id")
    serializer_class = AccountSerializer
    authentication_classes = []
    permission_classes = [AllowAny]


@pytest.fixture
def listed(db: None) -> Page:
    def get(**query: Any) -> Any:
        return Accounts.as_view()(APIRequestFactory().get("/", query))

    return get


def test_a_list_comes_in_pages_of_twenty(listed: Page) -> None:
    made = [make_account().pk for _ in range(25)]
    first, second = listed(), listed(page=2)
    assert (first.data["count"], first.data["previous"]) == (25, None)
    assert first.data["next"].endswith("?page=2")
    assert [row["id"] for row in first.data["results"] + second.data["results"]] == made
    assert second.data["next"] is None


def test_the_size_may_be_chosen_up_to_a_hundred(listed: Page) -> None:
    for _ in range(3):
        make_account()
    assert len(listed(page_size=2).data["results"]) == 2
    assert listed(page_size=100).status_code == 200


def test_an_empty_list_has_one_empty_page(listed: Page) -> None:
    assert listed().data == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize("value", ["-1", "0", "abc", "", "1.5", "last", "2", "１", "1e3", "9" * 30, "\0"])
def test_a_page_that_is_none_is_a_400_that_names_it(listed: Page, value: str) -> None:
    answer = listed(page=value)
    assert answer.status_code == 400
    assert list(answer.data["errors"]) == ["page"]


@pytest.mark.parametrize("value", ["0", "-5", "101", "abc", "", "true", "9" * 30])
def test_a_size_that_is_none_is_a_400_that_names_it(listed: Page, value: str) -> None:
    answer = listed(page_size=value)
    assert answer.status_code == 400
    assert list(answer.data["errors"]) == ["page_size"]
