"""Strict fields: a JSON value of their own type and nothing that resembles it."""

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from rest_framework import serializers

from accounts.models import Account, User
from config import api
from config.api import ModelSerializer, Serializer
from tests.factories import make_account


class Row(ModelSerializer):
    class Meta:
        model = User
        fields = ["first_name", "email", "is_active", "account"]


def verdict(field: serializers.Field, value: Any) -> Any:
    """The value taken, or "refused"."""
    body = type("Body", (Serializer,), {"value": field})(data={"value": value})
    return body.validated_data["value"] if body.is_valid() else "refused"


@pytest.mark.parametrize("value", [True, False, 2.9, 5.0, "5", "", None, [], [5], {}, 2**63, -(2**63) - 1])
def test_an_integer_is_an_integer_a_column_can_hold(value: Any) -> None:
    assert verdict(api.StrictIntegerField(), value) == "refused"


@pytest.mark.parametrize("value", [0, 5, -5, 2**63 - 1, -(2**63)])
def test_integers_are_taken(value: int) -> None:
    assert verdict(api.StrictIntegerField(), value) == value


@pytest.mark.parametrize("value", [1, 0, "true", "false", "yes", None, [], "1", 1.0])
def test_a_boolean_is_true_or_false(value: Any) -> None:
    assert verdict(api.StrictBooleanField(), value) == "refused"
    assert verdict(api.StrictBooleanField(), True) is True
    assert verdict(api.StrictBooleanField(), False) is False


@pytest.mark.parametrize("value", [5, 2.9, True, None, [], {}, "a\0b", "\ud800"])
def test_text_is_text(value: Any) -> None:
    assert verdict(api.StrictCharField(), value) == "refused"


@pytest.mark.parametrize("value", [True, "1.5", None, float("inf"), float("nan")])
def test_a_number_is_finite_and_no_text(value: Any) -> None:
    assert verdict(api.StrictFloatField(), value) == "refused"
    assert verdict(api.StrictFloatField(), 1.5) == 1.5


@pytest.mark.parametrize("value", [True, 19.9, None, "NaN", "Infinity", "x", "1e400", []])
def test_money_is_exact(value: Any) -> None:
    field = api.StrictDecimalField(max_digits=12, decimal_places=2)
    assert verdict(field, value) == "refused"
    assert verdict(api.StrictDecimalField(max_digits=12, decimal_places=2), "19.90") == Decimal("19.90")


@pytest.mark.parametrize("value", [True, 1, "en ", "EN", None, [], ["en"], {}, ""])
def test_a_choice_is_one_of_the_choices(value: Any) -> None:
    assert verdict(api.StrictChoiceField(choices=["en", "1"]), value) == "refused"
    assert verdict(api.StrictChoiceField(choices=["en", "1"]), "en") == "en"


@pytest.mark.parametrize("value", [True, 1.0, "{id}", None, [], 0, -1, 2**63, 10**30])
def test_an_id_is_a_whole_number_of_a_row(db: None, value: Any) -> None:
    account = make_account()
    value = str(account.pk) if value == "{id}" else value
    field = api.StrictPrimaryKeyRelatedField(queryset=Account.objects.all())
    assert verdict(field, value) == "refused"
    assert verdict(api.StrictPrimaryKeyRelatedField(queryset=Account.objects.all()), account.pk) == account


@pytest.mark.parametrize("value", [5, True, None, "x", 2**127])
def test_a_uuid_is_text(value: Any) -> None:
    assert verdict(api.StrictUUIDField(), value) == "refused"


def test_a_form_knows_only_text_and_is_converted() -> None:
    class Form(Serializer):
        number = api.StrictIntegerField()
        flag = api.StrictBooleanField()

    form = Form(data=QueryDict("number=5&flag=true"))
    assert form.is_valid()
    assert form.validated_data == {"number": 5, "flag": True}


@pytest.mark.parametrize(
    "body", [{"first_name": 5}, {"is_active": "true"}, {"account": "1"}, {"account": True}, {"email": 5}]
)
def test_a_model_serializer_is_strict_without_saying_so(db: None, body: dict[str, Any]) -> None:
    row = Row(data=body, partial=True)
    assert not row.is_valid()
    assert list(row.errors) == list(body)
