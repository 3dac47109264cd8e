"""Templates and what repeats in the back office."""

from calendar import day_name
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from config.moves import actor_of, confirmed
from config.readonly import ReadOnlyAdmin
from giveaways.admin.forms import RepetitionForm, bound
from giveaways.models import Repetition, Template
from giveaways.services import repeat, templates


@admin.register(Template)
class TemplateAdmin(ReadOnlyAdmin):
    """What is written once: kept from a giveaway's page, or over the API."""

    list_display = ("name", "account", "title", "lasts_minutes", "rules", "updated_at")
    search_fields = ("name", "account__name")
    list_select_related = ("account",)
    date_hierarchy = "created_at"
    actions = ("begin",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        active = Count("repetitions", filter=Q(repetitions__active=True))
        found: QuerySet[Template] = super().get_queryset(request).annotate(active=active)
        return found

    @display(description="Title")
    def title(self, template: Template) -> str:
        return str(template.fields.get("title", ""))

    @display(description="Repeats", ordering="active")
    def rules(self, template: Any) -> int:
        return int(template.active)

    @action(description="Begin a draft from it")
    def begin(self, request: HttpRequest, queryset: QuerySet[Template]) -> HttpResponse | None:
        return confirmed(
            self, request, queryset, action="begin", warning="Begin a draft from each of these?",
            move=lambda row, by: templates.begin(template_id=row.pk, by=by, fields={}), done="a draft has begun",
        )  # fmt: skip


@admin.register(Repetition)
class RepetitionAdmin(ModelAdmin):  # type: ignore[misc]
    """What begins by itself: a rule is made once and stopped, never changed."""

    form = RepetitionForm
    list_display = ("template", "account", "when", "active", "made", "next_at", "last", "error")
    list_filter = ("active", "every", ("error", admin.EmptyFieldListFilter))
    search_fields = ("template__name", "template__account__name", "error")
    list_select_related = ("template__account", "last")
    autocomplete_fields = ("template",)
    actions = ("stop",)

    @display(description="Account", ordering="template__account__name")
    def account(self, rule: Repetition) -> str:
        return str(rule.template.account)

    @display(description="When")
    def when(self, rule: Repetition) -> str:
        day = {"week": f", {day_name[rule.weekday or 0]}", "month": f", day {rule.month_day}"}.get(
            rule.every, ""
        )
        return f"every {rule.every}{day}, {rule.at:%H:%M} {rule.template.account.time_zone}"

    def get_form(
        self, request: HttpRequest, obj: Repetition | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return bound(super().get_form(request, obj, change=change, **kwargs), actor_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Repetition | None = None) -> bool:
        return obj is None and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Repetition | None = None) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: Repetition, form: Any, change: bool) -> None:
        """The form's service has written it."""

    @action(description="Stop", permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Repetition]) -> HttpResponse | None:
        return confirmed(
            self, request, queryset, action="stop", warning="Stop these for ever? What runs goes on.",
            move=lambda rule, by: repeat.stop(rule_id=rule.pk, by=by), done="is stopped",
        )  # fmt: skip
