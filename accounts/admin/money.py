"""Money put on an account by hand: asked for in a form, confirmed, done once however often it is sent."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from accounts.models import Account, LedgerEntry
from config.errors import DomainError
from config.moves import actor_of

MoveMoney = Callable[..., LedgerEntry]


class MoneyForm(forms.Form):
    """How much and why. The key was made with the page: a form sent twice moves money once."""

    amount = forms.DecimalField(
        max_digits=12, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "0.01"})
    )
    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget(), help_text="The account's people read it"
    )
    key = forms.UUIDField(widget=forms.HiddenInput())

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount or (self.only_up and amount < 0):
            raise forms.ValidationError("Write a sum above zero." if self.only_up else "Write a sum.")
        return amount

    def __init__(self, *args: Any, only_up: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only_up = only_up


def money_page(
    admin: ModelAdmin, request: HttpRequest, account_id: object, *, title: str, move: MoveMoney, only_up: bool
) -> HttpResponse:
    """The form, then what it will do, then the account's page with what came of it."""
    account = get_object_or_404(Account, pk=account_id)
    posted = request.method == "POST"
    form = MoneyForm(request.POST if posted else None, only_up=only_up, initial={"key": uuid4().hex})
    valid = posted and form.is_valid()
    if valid and "confirmed" in request.POST:
        _do(admin, request, account, form.cleaned_data, move)
        return redirect(reverse("admin:accounts_account_change", args=[account.pk]))
    context = {
        **admin.admin_site.each_context(request),
        "title": title,
        "opts": admin.model._meta,
        "account": account,
        "currency": settings.CURRENCY,
        "form": form,
        "asked": form.cleaned_data if valid else None,
        "after": account.balance + form.cleaned_data["amount"] if valid else None,
    }
    return TemplateResponse(request, "accounts/money.html", context)


def _do(
    admin: ModelAdmin, request: HttpRequest, account: Account, asked: dict[str, Any], move: MoveMoney
) -> None:
    try:
        entry = move(
            account_id=account.pk,
            amount=asked["amount"],
            reason=asked["reason"],
            key=asked["key"].hex,
            by=actor_of(request),
        )
    except DomainError as refusal:
        admin.message_user(request, f"{account}: {refusal.sentence}", messages.WARNING)
    else:
        told = f"{account}: {entry.amount:+} {settings.CURRENCY}, the balance is {entry.balance_after} now"
        admin.message_user(request, told, messages.SUCCESS)
