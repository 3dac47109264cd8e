"""The shapes of accounts: what may be sent and what is answered; rules are in services."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import Account, User, validate_time_zone
from accounts.services import USERNAME_LEAST, USERNAME_MOST
from accounts.sessions import Tokens
from config.api import ModelSerializer, Serializer, StrictCharField, StrictChoiceField, StrictEmailField


class RegisterSerializer(Serializer):
    username = StrictCharField(min_length=USERNAME_LEAST, max_length=USERNAME_MOST)
    password = StrictCharField(max_length=128, trim_whitespace=False, write_only=True)
    email = StrictEmailField(max_length=254, required=False, default="", allow_blank=True)

    class Meta:
        swagger_schema_fields = {
            "example": {"username": "marina", "password": "correct-horse-7", "email": "marina@example.com"}
        }


class LoginSerializer(Serializer):
    username = StrictCharField(max_length=USERNAME_MOST)
    password = StrictCharField(max_length=128, trim_whitespace=False, write_only=True)

    class Meta:
        swagger_schema_fields = {"example": {"username": "marina", "password": "correct-horse-7"}}


class RefreshSerializer(Serializer):
    refresh = StrictCharField(max_length=4096)

    class Meta:
        swagger_schema_fields = {"example": {"refresh": "eyJhbGciOi..."}}


class LogoutSerializer(Serializer):
    refresh = StrictCharField(
        max_length=4096, required=False, help_text="The session's refresh token, if at hand"
    )

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"refresh": "eyJhbGciOi..."}}


class TokensSerializer(Serializer):
    access = StrictCharField(help_text="For `Authorization: Bearer`")
    refresh = StrictCharField(help_text="For one call of refresh")


class LoginAnswerSerializer(Serializer):
    """The answer of `POST /login`."""

    access_token = StrictCharField(source="access")
    refresh_token = StrictCharField(source="refresh")
    token_type = serializers.SerializerMethodField()

    def get_token_type(self, _tokens: Tokens) -> str:
        return "Bearer"


class ProfileSerializer(ModelSerializer):
    """The caller: who they are and the account they act for."""

    account_name = StrictCharField(source="account.name", max_length=150)
    account_language = StrictChoiceField(source="account.language", choices=Account.LANGUAGES)
    account_time_zone = StrictCharField(
        source="account.time_zone",
        max_length=64,
        validators=[validate_time_zone],
        help_text="Like Europe/Moscow",
    )

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "phone",
            "first_name",
            "last_name",
            "account_id",
            "account_name",
            "account_language",
            "account_time_zone",
            "is_staff",
            "date_joined",
        ]
        read_only_fields = ["id", "username", "account_id", "is_staff", "date_joined"]
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "email": {"validators": []}
        }  # whether it is free is the rule's business
        swagger_schema_fields = {
            "example": {
                "email": "marina@example.com",
                "phone": "+4915112345678",
                "account_name": "Marina's shop",
                "account_language": "ru",
                "account_time_zone": "Europe/Moscow",
            }
        }

    def changes(self) -> dict[str, Any]:
        """What was sent, by the names of the API."""
        nested = self.validated_data.get("account", {})
        plain = {name: value for name, value in self.validated_data.items() if name != "account"}
        return {**plain, **{f"account_{name}": value for name, value in nested.items()}}
