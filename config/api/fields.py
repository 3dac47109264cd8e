"""Fields that take a JSON value of their own type and nothing that merely resembles it.

A form or a query string knows only text: there the ordinary, converting behaviour applies.
"""

import math
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

BIGINT = 2**63  # what a column can hold; anything larger would be an error of the database


def comes_as_text(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Whether the data being validated is a form or a query string."""
    return isinstance(getattr(field.root, "initial_data", None), QueryDict)


class StrictIntegerField(serializers.IntegerField):
    """Takes 5; refuses true, 5.0, "5" and numbers no column can hold."""

    def to_internal_value(self, data: Any) -> int:
        if not comes_as_text(self) and (isinstance(data, bool) or not isinstance(data, int)):
            self.fail("invalid")
        value: int = super().to_internal_value(data)
        if not -BIGINT <= value < BIGINT:
            self.fail("invalid")
        return value


class StrictFloatField(serializers.FloatField):
    """Takes finite numbers; refuses true, "1.5" and 1e999."""

    def to_internal_value(self, data: Any) -> float:
        if not comes_as_text(self) and (isinstance(data, bool) or not isinstance(data, int | float)):
            self.fail("invalid")
        value: float = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class StrictDecimalField(serializers.DecimalField):
    """Takes "19.90" and whole numbers; refuses true and binary fractions, which are not exact."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """Takes true and false; refuses 1, "true", "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        if not comes_as_text(self) and not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(super().to_internal_value(data))


class StrictText:
    """Refuses numbers where text is asked for."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")  # type: ignore[attr-defined]
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictCharField(StrictText, serializers.CharField):
    """Takes text."""


class StrictEmailField(StrictText, serializers.EmailField):
    """Takes an e-mail address."""


class StrictURLField(StrictText, serializers.URLField):
    """Takes an address."""


class StrictUUIDField(StrictText, serializers.UUIDField):
    """Takes a UUID as text."""


class StrictSlugField(StrictText, serializers.SlugField):
    """Takes letters, digits, hyphens and underscores."""


class StrictChoiceField(serializers.ChoiceField):
    """Takes one of the choices, of the choice's own type."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not comes_as_text(self) and type(data) is not type(value) and not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return value


class StrictPrimaryKeyRelatedField(serializers.PrimaryKeyRelatedField[Any]):
    """Takes a whole number that is the id of one of the queryset's rows."""

    def to_internal_value(self, data: Any) -> Any:
        if not comes_as_text(self) and (isinstance(data, bool) or not isinstance(data, int)):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)
