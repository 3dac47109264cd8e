"""Steering broadcasts in the back office: the same services as over HTTP, the far-reaching ones asked twice."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts import services as accounts
from accounts.models import User
from broadcasts import services, tasks
from broadcasts.models import Broadcast
from config.addresses import client_address
from config.nudge import nudge
from config.readonly import ReadOnlyAdmin

Rows = QuerySet[Broadcast]
Service = Callable[..., Any]
QUESTIONS = {
    "cancel": "Cancel for good? Whoever has not received the message will not.",
    "retry_failed": "Send once more to everybody it failed for?",
    "resend_uncertain": "Send once more to everybody in doubt? Some of them may receive it twice.",
    "delete_sent": "Delete what was sent in the last 48 hours from everybody's chat?",
    "leave_uncertain": "Leave everybody in doubt as they are? Some of them may never receive it.",
}


def verbs(broadcast: Broadcast, counted: services.Counts) -> list[tuple[str, str]]:
    """What may be done with it now."""
    status, over = broadcast.status, broadcast.status in Broadcast.OVER
    again = status not in (Broadcast.Status.CANCELLED, Broadcast.Status.FAILED)
    offered = {
        ("pause", "Pause"): status in Broadcast.LIVE,
        ("resume", "Resume"): status == Broadcast.Status.PAUSED,
        ("cancel", "Cancel"): not over,
        ("retry_failed", "Retry the failed"): again and counted.failed,
        ("resend_uncertain", "Resend to those in doubt"): again and counted.uncertain,
        ("leave_uncertain", "Leave those in doubt"): counted.uncertain,
        ("delete_sent", "Delete what was sent"): over and counted.sent and not broadcast.target_id,
    }
    return [verb for verb, possible in offered.items() if possible]


class Steering(ReadOnlyAdmin):
    """The actions of the list, which are the buttons of the page as well."""

    actions = ("pause", "resume", *QUESTIONS)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Moving a broadcast is more than looking at it."""
        return bool(cast(User, request.user).has_perm("broadcasts.change_broadcast"))

    @admin.action(description="Pause", permissions=["steer"])
    def pause(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        return self.move(request, queryset, "pause", services.pause)

    @admin.action(description="Resume", permissions=["steer"])
    def resume(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        return self.move(request, queryset, "resume", services.resume)

    @admin.action(description="Cancel", permissions=["steer"])
    def cancel(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        return self.move(request, queryset, "cancel", services.cancel)

    @admin.action(description="Retry the failed", permissions=["steer"])
    def retry_failed(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        return self.move(request, queryset, "retry_failed", services.retry_failed)

    @admin.action(description="Resend to those in doubt", permissions=["steer"])
    def resend_uncertain(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        resend = partial(services.decide, verdict="resend")
        return self.move(request, queryset, "resend_uncertain", resend)

    @admin.action(description="Leave those in doubt", permissions=["steer"])
    def leave_uncertain(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        return self.move(request, queryset, "leave_uncertain", partial(services.decide, verdict="skip"))

    @admin.action(description="Delete what was sent", permissions=["steer"])
    def delete_sent(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        return self.move(request, queryset, "delete_sent", services.delete)

    def move(self, request: HttpRequest, chosen: Rows, verb: str, service: Service) -> HttpResponse | None:
        """Applies one service to each chosen broadcast and tells what came of each."""
        if verb in QUESTIONS and "confirmed" not in request.POST:
            return self.ask(request, chosen, verb)
        by = accounts.actor(cast(User, request.user), client_address(request))
        for broadcast in chosen:
            with self.refusals(request, broadcast):
                moved = service(broadcast_id=broadcast.pk, by=by)
                what = f"{moved} recipients" if isinstance(moved, int) else f"{moved} is {moved.status}"
                self.message_user(request, f"{broadcast}: {what}", messages.SUCCESS)
        nudge(tasks.pump)
        return redirect(self.page_of(request)) if request.POST.get("back") else None

    def ask(self, request: HttpRequest, chosen: Rows, verb: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Are you sure?",
            "question": QUESTIONS[verb],
            "verb": verb,
            "chosen": chosen.select_related("bot"),
            "back": request.POST.get("back", ""),
            "away": self.page_of(request),
        }
        return TemplateResponse(request, "broadcasts/confirm.html", context)

    def page_of(self, request: HttpRequest) -> str:
        """Where the person came from: one broadcast's page, or the list."""
        back = request.POST.get("back", "")
        if back.isdecimal():
            return reverse("admin:broadcasts_broadcast_change", args=[back])
        return reverse("admin:broadcasts_broadcast_changelist")
