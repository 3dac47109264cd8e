"""The form that makes a broadcast in the back office; what it asks for is ordered by the same service."""

import json
from array import array
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from bots.models import Bot
from broadcasts.errors import ChatsInvalid, ContentInvalid, TooManyChats
from broadcasts.models import Broadcast
from broadcasts.services.audience import Audience, Chats, Subscribers
from broadcasts.services.content import checked
from broadcasts.services.lists import chats_in

WHO = [("subscribers", "everybody who started the bot"), ("chats", "the chats below or in a file")]
BUTTON = "text | https://…"


class BroadcastForm(forms.ModelForm):  # type: ignore[type-arg]
    """Text with buttons, or any content as JSON; subscribers, or chats one a line."""

    who = forms.ChoiceField(choices=WHO, label="Audience", widget=UnfoldAdminSelectWidget())
    language = forms.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", required=False, widget=UnfoldAdminTextInputWidget(),
        label="Language", help_text="Of the subscribers, as Telegram tells it: ru, en. Empty: all",
    )  # fmt: skip
    active_days = forms.IntegerField(
        required=False, min_value=1, max_value=3650, widget=UnfoldAdminIntegerFieldWidget(),
        label="Active days", help_text="Subscribers seen in the last so many days. Empty: whenever",
    )  # fmt: skip
    chats = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="Telegram's ids, one a line",
    )
    file = forms.FileField(
        required=False,
        widget=UnfoldAdminFileFieldWidget(),
        help_text="Text or CSV, one id a line, a million at most",
    )
    text = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}), help_text="Telegram's HTML"
    )
    buttons = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}), help_text=f"One a line: {BUTTON}"
    )
    other = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), label="Or any content as JSON",
        help_text='For pictures and everything else, as the API takes it: {"type": "photo", …}',
    )  # fmt: skip

    class Meta:
        model = Broadcast
        fields: ClassVar[Any] = (
            "name", "bot", "priority", "uncertain_policy", "dedup_scope", "scheduled_at", "expires_at",
        )  # fmt: skip

    audience: Audience
    content: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "bot" in self.fields:
            self.fields["bot"].queryset = Bot.objects.active().select_related("account")  # type: ignore[attr-defined]

    def clean_buttons(self) -> list[list[dict[str, str]]]:
        lines = [line for line in self.cleaned_data["buttons"].splitlines() if line.strip()]
        rows = []
        for line in lines:
            text, bar, url = (part.strip() for part in line.partition("|"))
            if not (text and bar and url):
                raise ValidationError(f"Write every button as {BUTTON}")
            rows.append([{"text": text, "url": url}])
        return rows

    def clean_other(self) -> dict[str, Any]:
        try:
            content = json.loads(self.cleaned_data["other"] or "{}")
        except (ValueError, RecursionError) as error:
            raise ValidationError("This is no JSON.") from error
        if not isinstance(content, dict):
            raise ValidationError("Expected a JSON object.")
        return content

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            self.content = self._content(given)
            self.audience = self._audience(given)
        return given

    def _content(self, given: dict[str, Any]) -> dict[str, Any]:
        other = given.get("other")
        content = other or {
            "type": "text",
            "text": given["text"].replace("\r\n", "\n"),
            "buttons": given["buttons"],
        }
        field = "other" if other else "text"
        try:
            checked(account_id=given["bot"].account_id, content=content)
        except ContentInvalid as refusal:
            raise ValidationError({field: refusal.sentence}) from refusal
        return dict(content)

    def _audience(self, given: dict[str, Any]) -> Audience:
        if given["who"] == "subscribers":
            return Subscribers(given["language"], given["active_days"])
        field = "file" if given["file"] else "chats"
        try:
            chats = self._chats(given)
        except (ChatsInvalid, TooManyChats) as refusal:
            raise ValidationError({field: refusal.sentence}) from refusal
        if not chats:
            raise ValidationError({field: "Name at least one chat."})
        return Chats(chats)

    def _chats(self, given: dict[str, Any]) -> "array[int]":
        if given["file"]:
            return chats_in(given["file"].chunks())
        return chats_in([given["chats"].encode()])
