"""Templates: a giveaway written once, to begin others from."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from accounts.models import Account
from giveaways.errors import TemplateNameTaken
from giveaways.models import Giveaway, Template
from giveaways.services import write
from giveaways.services.matrix import FINISH_MESSAGES

# What a template keeps of a giveaway: everything but its times, which are those of one giveaway only.
PLAIN = (
    "title", "main_body", "winner_count", "participation_button_text", "max_participants", "show_participants",
    "beacon", "claim_hours", *FINISH_MESSAGES,
)  # fmt: skip


@transaction.atomic
def create(*, account_id: int, by: Actor, values: dict[str, Any]) -> Template:
    """A template has a name of its own in its account, and texts that Telegram would take."""
    template = Template(account=Account.objects.get(pk=account_id), **values)
    _save(template)
    audit.record(by, "create_template", template, account_id=account_id, after={"name": template.name})
    return template


@transaction.atomic
def update(*, template_id: int, by: Actor, values: dict[str, Any]) -> Template:
    """Whatever is begun from it afterwards is begun from the new one; `fields` given change, the others stay."""
    template = Template.objects.select_for_update(no_key=True).get(pk=template_id)
    for name, value in values.items():
        setattr(template, name, {**template.fields, **value} if name == "fields" else value)
    _save(template)
    audit.record(
        by, "update_template", template, account_id=template.account_id, after={"changed": sorted(values)}
    )
    return template


@transaction.atomic
def delete(*, template_id: int, by: Actor) -> None:
    """What repeats by it ends with it; giveaways begun from it stay."""
    template = Template.objects.select_for_update().get(pk=template_id)
    audit.record(
        by, "delete_template", template, account_id=template.account_id, before={"name": template.name}
    )
    template.delete()


@transaction.atomic
def save_as(*, giveaway_id: int, by: Actor, name: str) -> Template:
    """What was written for one giveaway, under a name; its length is kept, its times are not."""
    giveaway = Giveaway.objects.get(pk=giveaway_id)
    fields = {field: getattr(giveaway, field) for field in PLAIN}
    for field, binding in (
        ("channel_id", giveaway.binding),
        ("results_channel_id", giveaway.results_binding),
    ):
        if binding and binding.channel:
            fields[field] = binding.channel.telegram_id
    required = giveaway.required_bindings.select_related("channel")
    fields["required_channels"] = [each.channel.telegram_id for each in required if each.channel]
    begun = giveaway.published_at or giveaway.starts_at
    lasts = giveaway.ends_at - begun if giveaway.ends_at and begun else None
    minutes = round(lasts.total_seconds() / 60) if lasts else None
    values = {"name": name, "fields": fields, "lasts_minutes": minutes, "media": giveaway.media}
    return create(account_id=giveaway.account_id, by=by, values=values)


@transaction.atomic
def begin(*, template_id: int, by: Actor, fields: dict[str, Any]) -> Giveaway:
    """A draft like the template; `fields` are what is different this time. Its end is counted from its start."""
    template = Template.objects.get(pk=template_id)
    values = {**template.fields, **fields}
    if template.lasts_minutes and "ends_at" not in values:
        begins = values.get("starts_at") or timezone.now()
        values["ends_at"] = begins + timedelta(minutes=template.lasts_minutes)
    giveaway = write.create(account_id=template.account_id, by=by, fields=values)
    if template.media:
        giveaway.media = template.media
        write.refuse_unfit(giveaway)
        giveaway.save(update_fields=["media", "updated_at"])
    return giveaway


def _save(template: Template) -> None:
    refuse_unfit(template)
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise TemplateNameTaken(field="name", name=template.name) from error


def refuse_unfit(template: Template) -> None:
    """Texts are measured when they are written, as a giveaway's are; channels are looked for when one is begun."""
    texts = {name: value for name, value in template.fields.items() if name in PLAIN}
    values = {**write.default_messages(template.account.language), **texts}
    draft = Giveaway(account=template.account, media=template.media, public_id="x" * 16, **values)
    write.refuse_unfit(draft)
