"""Third parties' models in this project's admin theme; loaded last, so it replaces their own pages."""

from typing import Any

from axes.admin import AccessAttemptAdmin as BaseAccessAttemptAdmin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.models import Group
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from rest_framework_simplejwt.token_blacklist.admin import BlacklistedTokenAdmin as BaseBlacklistedTokenAdmin
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.readonly import ReadOnlyAdmin

THIRD_PARTIES = [
    Group,
    PeriodicTask,
    IntervalSchedule,
    CrontabSchedule,
    SolarSchedule,
    ClockedSchedule,
    OutstandingToken,
    BlacklistedToken,
]
admin.site.unregister(THIRD_PARTIES)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Permissions by group."""


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):  # type: ignore[misc]
    """The names of the tasks that exist."""


class PeriodicTaskForm(beat.PeriodicTaskForm):  # type: ignore[misc]
    """The package's form with this theme's widgets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc]
    """What runs when; a change is picked up within a second."""

    form = PeriodicTaskForm


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(beat.IntervalScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """Every so many seconds."""


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(beat.CrontabScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """At times of the day."""


@admin.register(SolarSchedule)
class SolarScheduleAdmin(beat.SolarScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """At sunrise and sunset."""


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(beat.ClockedScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    """Once, at a time."""


@admin.register(OutstandingToken)
class OutstandingTokenAdmin(ReadOnlyAdmin):
    """Refresh tokens that were handed out; the tokens themselves are not kept."""

    list_display = ("jti", "user", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "jti")
    exclude = ("token",)


@admin.register(BlacklistedToken)
class BlacklistedTokenAdmin(BaseBlacklistedTokenAdmin, ReadOnlyAdmin):  # type: ignore[misc]
    """Refresh tokens that were used or ended."""

    search_fields = ("token__user__username", "token__jti")
    fields = ("token_jti", "token_user", "token_created_at", "token_expires_at", "blacklisted_at")
    readonly_fields = fields

    def get_readonly_fields(self, *_args: Any, **_kwargs: Any) -> tuple[str, ...]:
        return self.fields

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False


@admin.register(AccessAttempt)
class AccessAttemptAdmin(BaseAccessAttemptAdmin, ModelAdmin):  # type: ignore[misc]
    """Failed logins that still count; deleting one unlocks."""


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    """Logins and logouts."""

    list_display = ("attempt_time", "logout_time", "ip_address", "username", "user_agent", "path_info")
    list_filter = ("attempt_time",)
    search_fields = ("ip_address", "username", "user_agent")


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(ReadOnlyAdmin):
    """Failed logins, all of them."""

    list_display = ("attempt_time", "ip_address", "username", "user_agent", "path_info", "locked_out")
    list_filter = ("attempt_time", "locked_out")
    search_fields = ("ip_address", "username", "user_agent")


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What staff changed in this admin."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    search_fields = ("user__username", "object_repr")
