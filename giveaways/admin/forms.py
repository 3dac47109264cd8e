"""The forms of the back office: shapes by the form, rules by the service, refusals beside their fields."""

from calendar import day_name
from typing import Any, cast

from django import forms
from django.db import models, transaction
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.audit import Actor
from bots.models import Binding
from config.errors import DomainError
from giveaways.models import Giveaway, Repetition
from giveaways.services import repeat, write
from giveaways.services.matrix import FINISH_MESSAGES

# What the services call by Telegram's numbers is chosen by name here.
NUMBERED = {
    "binding": "channel_id",
    "results_binding": "results_channel_id",
    "required_bindings": "required_channels",
}


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose row is written by a service, in the request's transaction; what it refuses is shown in the form."""

    by: Actor

    def written(self) -> models.Model:
        """Writes the row by its service."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        """In place of the model's own checks, which are the service's."""
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.instance = self.written()
        except DomainError as refusal:
            for field, sentences in (refusal.faults or {"": [refusal.sentence]}).items():
                shown = next((name for name, number in NUMBERED.items() if number == field), field)
                self.add_error(shown if shown in self.fields else None, sentences)

    def save(self, commit: bool = True) -> models.Model:  # noqa: ARG002
        """It is written already."""
        return cast(models.Model, self.instance)

    def save_m2m(self) -> None:
        """It is written already."""


def number_of(binding: Binding | None) -> int | None:
    return binding.channel.telegram_id if binding and binding.channel else None


class GiveawayForm(ServiceForm):
    """A giveaway: what was not filled in is left to its defaults, what was not changed is not sent."""

    class Meta:
        model = Giveaway
        fields = (
            "account", "title", "main_body", "participation_button_text", "winner_count", "beacon", "claim_hours",
            "binding", "required_bindings", "results_binding", "starts_at", "ends_at", "max_participants",
            "show_participants", *FINISH_MESSAGES,
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FINISH_MESSAGES:
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].widget.attrs["rows"] = 4
                self.fields[name].help_text = "Empty: the default in the account's language"
        served = Binding.objects.live().filter(channel__isnull=False).select_related("channel", "bot")
        if self.instance.pk:
            served = served.filter(account_id=self.instance.account_id)
        for name in NUMBERED:
            if name in self.fields:
                self.fields[name].queryset = served  # type: ignore[attr-defined]

    def written(self) -> Giveaway:
        fields = self.sent()
        if self.instance.pk:
            return write.update(giveaway_id=self.instance.pk, by=self.by, fields=fields)
        account = fields.pop("account")
        return write.create(account_id=account.pk, by=self.by, fields=fields)

    def sent(self) -> dict[str, Any]:
        """What was changed, in the words of the services."""
        data = {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}
        if not self.instance.pk:
            data["account"] = self.cleaned_data["account"]
        for name in ("binding", "results_binding"):
            if name in data:
                data[NUMBERED[name]] = number_of(data.pop(name))
        if "required_bindings" in data:
            chosen = data.pop("required_bindings")
            data["required_channels"] = [number for each in chosen if (number := number_of(each))]
        return {name: value for name, value in data.items() if value or name not in FINISH_MESSAGES}


class RepetitionForm(ServiceForm):
    """A rule, which is made once and stopped, never changed."""

    weekday = forms.TypedChoiceField(
        choices=[("", "—"), *enumerate(day_name)], coerce=int, empty_value=None, required=False,
        widget=UnfoldAdminSelectWidget, help_text="For every week",
    )  # fmt: skip

    class Meta:
        model = Repetition
        fields = ("template", "every", "at", "weekday", "month_day", "until", "count")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        needed = {"week": "weekday", "month": "month_day"}.get(cleaned.get("every", ""))
        if needed and cleaned.get(needed) is None:
            self.add_error(needed, "Say which.")
        return cleaned

    def written(self) -> Repetition:
        values = dict(self.cleaned_data)
        template = values.pop("template")
        return repeat.create(template_id=template.pk, by=self.by, values=values)


def bound(form: type[ServiceForm], by: Actor) -> type[ServiceForm]:
    """The form for the person who acts."""
    return type(form.__name__, (form,), {"by": by, "__doc__": form.__doc__})
