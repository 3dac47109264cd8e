"""The two serializers everything derives from: strict fields, and no field passes unread."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db import models
from rest_framework import serializers
from rest_framework.request import Request

from config.api import fields
from config.language import Text

UNKNOWN = Text(en="Unknown field.", ru="Неизвестное поле.")
READ_ONLY = Text(en="This field cannot be written.", ru="Это поле нельзя записать.")


class NothingUnread:
    """Refuses a body with fields nobody would read: a misspelt option must not be silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        refused = self.unread(data)
        try:
            value = super().to_internal_value(data)  # type: ignore[misc]
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**refused, **error.detail}) from error
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return value

    def unread(self, data: Any) -> dict[str, Any]:
        """Every name in the body that is not a writable field, with the reason."""
        if not isinstance(data, Mapping):
            return {}
        known = cast(serializers.Serializer[Any], self).fields
        return {
            str(name): [(READ_ONLY if name in known else UNKNOWN).said()]
            for name in data
            if name not in known or known[name].read_only
        }


class Serializer(NothingUnread, serializers.Serializer[Any]):
    """A body that is no model row."""


class NothingSerializer(Serializer):
    """An empty body."""

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {}}


def nothing_in(request: Request) -> None:
    """Reads the body, so that one that is no JSON or says something is refused."""
    NothingSerializer(data=request.data or {}).is_valid(raise_exception=True)


class ModelSerializer(NothingUnread, serializers.ModelSerializer[Any]):
    """A body that is a model row."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.AutoField: fields.StrictIntegerField,
        models.BigAutoField: fields.StrictIntegerField,
        models.BigIntegerField: fields.StrictIntegerField,
        models.BooleanField: fields.StrictBooleanField,
        models.CharField: fields.StrictCharField,
        models.DecimalField: fields.StrictDecimalField,
        models.EmailField: fields.StrictEmailField,
        models.FloatField: fields.StrictFloatField,
        models.IntegerField: fields.StrictIntegerField,
        models.PositiveBigIntegerField: fields.StrictIntegerField,
        models.PositiveIntegerField: fields.StrictIntegerField,
        models.PositiveSmallIntegerField: fields.StrictIntegerField,
        models.SlugField: fields.StrictSlugField,
        models.SmallIntegerField: fields.StrictIntegerField,
        models.TextField: fields.StrictCharField,
        models.URLField: fields.StrictURLField,
        models.UUIDField: fields.StrictUUIDField,
    }
    serializer_choice_field = fields.StrictChoiceField
    serializer_related_field = fields.StrictPrimaryKeyRelatedField
