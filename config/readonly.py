"""The admin of rows that are looked at and never edited."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from config.errors import DomainError


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """A list and a detail page; nothing can be added, changed or deleted."""

    actions: Sequence[str] | None = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    @contextmanager
    def refusals(self, request: HttpRequest, row: Model) -> Iterator[None]:
        """An action's refusal of one row is shown, and the next row follows."""
        try:
            yield
        except DomainError as refusal:
            self.message_user(request, f"{row}: {refusal.sentence}", messages.WARNING)
