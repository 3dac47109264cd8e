"""Users and the audit trail, for staff."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import AuditEntry, User
from config.readonly import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(BaseUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """People who log in. Deactivating one, or a new password, ends all their sessions."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "account", "is_active", "is_staff", "last_login")
    list_select_related = ("account",)
    search_fields = ("username", "email", "first_name", "last_name", "account__name")
    autocomplete_fields = ("account",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        *(BaseUserAdmin.fieldsets or ()),
        ("Account", {"fields": ("account",)}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A user added here gets an account of their own."""
        if not change:
            obj.account = User.objects.new_account(obj.username)
        super().save_model(request, obj, form, change)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """What was done, by whom, from where. Nobody edits it."""

    list_display = ("at", "actor_label", "verb", "object_type", "object_id", "account", "address")
    list_filter = ("verb", "object_type", "at")
    list_select_related = ("account",)
    search_fields = ("actor_label", "object_id", "account__name", "address")
    date_hierarchy = "at"
