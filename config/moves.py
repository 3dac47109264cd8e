"""Moves in the back office: asked for, confirmed on a page of their own, made by a service for each row chosen."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from accounts import services as accounts
from accounts.audit import Actor
from accounts.models import User
from config.addresses import client_address
from config.errors import DomainError


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in the back office."""
    return accounts.actor(cast(User, request.user), client_address(request))


def confirmed(
    admin: ModelAdmin,
    request: HttpRequest,
    chosen: QuerySet[Any],
    *,
    action: str,
    warning: str,
    move: Callable[[Any, Actor], object],
    done: str,
    reason: str | None = None,
) -> HttpResponse | None:
    """Shows what would happen, or, once that was confirmed, does it and tells what came of each row.

    A move that needs a reason gives what was written so far: it is asked for until there is one.
    """
    if request.method != "POST" or "confirmed" not in request.POST or reason == "":
        context = {
            **admin.admin_site.each_context(request),
            "title": warning,
            "opts": admin.model._meta,
            "chosen": chosen,
            "action": action,
            "checkbox": ACTION_CHECKBOX_NAME,
            "asks_reason": reason is not None,
        }
        return TemplateResponse(request, "config/confirm.html", context)
    for row in chosen:
        tell(admin, request, row, move, done)
    return None


def tell(
    admin: ModelAdmin, request: HttpRequest, row: Model, move: Callable[[Any, Actor], object], done: str
) -> None:
    """Makes one move and says what came of it."""
    try:
        move(row, actor_of(request))
    except DomainError as refusal:
        admin.message_user(request, f"{row}: {refusal.sentence}", messages.WARNING)
    else:
        admin.message_user(request, f"{row}: {done}", messages.SUCCESS)


def back_to(admin: ModelAdmin, object_id: object) -> HttpResponseRedirect:
    """The page of the row, after a move begun there."""
    return HttpResponseRedirect(f"{admin_path(admin)}{object_id}/change/")


def admin_path(admin: ModelAdmin) -> str:
    """The list of the model."""
    return f"/admin/{admin.model._meta.app_label}/{admin.model._meta.model_name}/"
