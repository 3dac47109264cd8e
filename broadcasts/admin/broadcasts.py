"""Broadcasts in the back office: a list with live bars, a page with a chart, a form to make one."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from accounts import services as accounts
from accounts.models import User
from broadcasts import services, tasks
from broadcasts.admin import progress
from broadcasts.admin.forms import BroadcastForm
from broadcasts.admin.steering import Steering, verbs
from broadcasts.models import Broadcast
from broadcasts.services import report
from config.addresses import client_address
from config.errors import DomainError
from config.nudge import nudge

MOST_BARS = 100
TERMS = ("name", "priority", "uncertain_policy", "dedup_scope", "scheduled_at", "expires_at")
NEW = [
    (None, {"fields": ("name", "bot", "text", "buttons", "other")}),
    ("For whom", {"fields": ("who", "language", "active_days", "chats", "file")}),
    ("How", {"fields": ("priority", "scheduled_at", "expires_at", "uncertain_policy", "dedup_scope")}),
]


class CountedList(ChangeList):
    """A page of broadcasts with their counts, all in one more query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        counted = services.counts(broadcast.pk for broadcast in self.result_list)
        for broadcast in self.result_list:
            broadcast.counted = counted.get(broadcast.pk, progress.NOBODY)


@admin.register(Broadcast)
class BroadcastAdmin(Steering):
    """States are read-only; the form and the actions call the services that own them."""

    list_display = (
        "title", "bot", "state", "priority", "bar", "sent", "failed", "skipped", "uncertain", "account",
        "created_at",
    )  # fmt: skip
    list_filter = ("status", "priority", "kind", "created_at")
    search_fields = ("name", "account__name", "bot__username", "dedup_scope", "=public_id")
    list_select_related = ("account", "bot")
    date_hierarchy = "created_at"
    show_full_result_count = False
    form = BroadcastForm
    change_form_outer_before_template = "broadcasts/overview.html"
    fields = (
        "public_id", "name", "kind", "account", "bot", "status", "reason", "content", "asked", "priority",
        "dedup_scope", "uncertain_policy", "recipients_count", "deliveries", "paid", "stars_budget", "paid_granted",
        "created_at", "scheduled_at", "expires_at", "started_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("public_id", "asked", "deliveries")

    class Media:
        js: ClassVar[list[str]] = ["broadcasts/live.js"]
        css: ClassVar[dict[str, list[str]]] = {"all": ["broadcasts/progress.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return CountedList

    # --- the list -----------------------------------------------------------------------------------------
    @display(description="broadcast", ordering="id")
    def title(self, broadcast: Broadcast) -> str:
        return broadcast.name or f"№ {broadcast.pk}"

    @display(
        description="status",
        ordering="status",
        label={"running": "info", "completed": "success", "paused": "warning", "failed": "danger"},
    )
    def state(self, broadcast: Broadcast) -> str:
        return str(broadcast.status)

    @display(description="progress")
    def bar(self, broadcast: Any) -> str:
        return progress.bar(broadcast, progress.told(broadcast, broadcast.counted))

    @display(description="sent")
    def sent(self, broadcast: Any) -> str:
        return progress.number(broadcast, "sent")

    @display(description="failed")
    def failed(self, broadcast: Any) -> str:
        return progress.number(broadcast, "failed")

    @display(description="skipped")
    def skipped(self, broadcast: Any) -> str:
        return progress.number(broadcast, "skipped")

    @display(description="uncertain")
    def uncertain(self, broadcast: Any) -> str:
        return progress.number(broadcast, "uncertain")

    @display(description="audience")
    def asked(self, broadcast: Broadcast) -> str:
        about = {name: value for name, value in broadcast.audience.items() if name != "sha256"}
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in about.items()) or "-"

    @display(description="deliveries")
    def deliveries(self, broadcast: Broadcast) -> str:
        address = reverse("admin:broadcasts_delivery_changelist")
        return format_html('<a href="{}?broadcast__id__exact={}">every recipient</a>', address, broadcast.pk)

    # --- one of them --------------------------------------------------------------------------------------
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        known = object_id and object_id.isdecimal() and self.get_object(request, object_id)
        context = {**(extra_context or {}), "overview": self.overview(known) if known else None}
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        except DomainError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return redirect(request.path)
        return answer

    def overview(self, broadcast: Broadcast) -> dict[str, Any]:
        facts = progress.told_in_full(broadcast)
        counted = services.counts([broadcast.pk])[broadcast.pk]
        return {
            "bar": progress.bar(broadcast, facts),
            "numbers": {name: f"{value:,}" for name, value in facts["numbers"].items()},
            "verbs": verbs(broadcast, counted),
            "chart": progress.chart(broadcast),
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("progress/", view(self.progress_view), name="broadcasts_broadcast_progress"),
            path("<int:pk>/report.csv", view(self.csv_view), name="broadcasts_broadcast_csv"),
        ]
        return [*own, *super().get_urls()]

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """Asked by the script of the bars every few seconds."""
        if not self.has_view_permission(request):
            raise Http404
        ids = [
            int(pk)
            for pk in request.GET.get("ids", "").split(",")[:MOST_BARS]
            if pk.isdecimal() and len(pk) < 19
        ]
        found = {row.pk: row for row in Broadcast.objects.filter(pk__in=ids).select_related("bot")}
        if "full" in request.GET:
            return JsonResponse({pk: progress.told_in_full(row) for pk, row in list(found.items())[:1]})
        counted = services.counts(found)
        return JsonResponse({pk: progress.told(row, counted[pk]) for pk, row in found.items()})

    def csv_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        broadcast = self.get_object(request, str(pk))
        if broadcast is None or not self.has_view_permission(request, broadcast):
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="{report.file_name(broadcast)}"'}
        masked = not cast(User, request.user).may_see_people_of(broadcast.account_id)
        lines = report.csv_lines(broadcast, masked=masked)
        return StreamingHttpResponse(lines, content_type="text/csv", headers=headers)

    # --- a new one ------------------------------------------------------------------------------------------
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(cast(User, request.user).has_perm("broadcasts.add_broadcast"))

    def get_fieldsets(self, request: HttpRequest, obj: Broadcast | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else NEW

    def save_model(self, request: HttpRequest, obj: Broadcast, form: Any, change: bool) -> None:  # noqa: ARG002
        terms: Any = {name: form.cleaned_data[name] for name in TERMS}
        made = services.order(
            bot=form.cleaned_data["bot"],
            audience=form.audience,
            content=form.content,
            by=accounts.actor(cast(User, request.user), client_address(request)),
            **terms,
        )
        obj.pk, obj.public_id = made.pk, made.public_id
        nudge(tasks.pump)
