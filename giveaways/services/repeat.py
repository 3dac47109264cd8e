"""Repeating giveaways: the next one begins by itself when its time has come and the former one is over."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from bots.models import Alert
from bots.services import alerts
from config.errors import DomainError
from giveaways import recurrence
from giveaways.errors import NeverAgain
from giveaways.models import Giveaway, Repetition, Status, Template
from giveaways.services import life, templates
from giveaways.services.write import lock_account

OVER = (Status.FINISHED, Status.CANCELLED)


@transaction.atomic
def create(*, template_id: int, by: Actor, values: dict[str, Any]) -> Repetition:
    """The first one begins at the rule's next time, never at once."""
    template = Template.objects.select_related("account").get(pk=template_id)
    rule = Repetition(template=template, **values)
    rule.next_at = next_time(rule, timezone.now())
    if rule.next_at is None:
        raise NeverAgain(field="until")
    rule.save()
    audit.record(by, "repeat", template, account_id=template.account_id, after=described(rule))
    return rule


@transaction.atomic
def stop(*, rule_id: int, by: Actor) -> Repetition:
    """None is begun any more; one that runs goes on."""
    rule = Repetition.objects.select_for_update(of=("self",)).select_related("template").get(pk=rule_id)
    if rule.active:
        rule.active, rule.next_at = False, None
        rule.save(update_fields=["active", "next_at"])
        audit.record(
            by, "stop_repeating", rule.template, account_id=rule.template.account_id, before=described(rule)
        )
    return rule


def run_due() -> int:
    """Begins what is due; safe to run twice. How many were begun."""
    due = list(Repetition.objects.due().order_by("next_at", "pk").values_list("pk", flat=True)[:100])
    return sum(run(rule_id=rule_id) for rule_id in due)


@transaction.atomic
def run(*, rule_id: int) -> bool:
    """Whether one was begun. While the former one, or another one of the account, is not over, the rule waits and
    begins one when it is, not one for every time that was missed."""
    template = Template.objects.filter(repetitions=rule_id).first()
    if template is None:
        return False
    lock_account(template.account_id)  # one after another, whichever clock comes
    locked = Repetition.objects.select_for_update(of=("self",))
    rule = locked.select_related("template__account", "last").get(pk=rule_id)
    if not rule.active or rule.next_at is None or rule.next_at > timezone.now() or not free(rule):
        return False
    begun = _begin(rule)
    rule.next_at = next_time(rule, timezone.now())
    rule.active = rule.next_at is not None
    rule.save(update_fields=["active", "next_at", "made", "last", "error"])
    return begun


def free(rule: Repetition) -> bool:
    """Whether the former one is over and no other one stands in the way."""
    if rule.last and rule.last.status not in OVER:
        return False
    return not Giveaway.objects.live().filter(account_id=rule.template.account_id).exists()


def _begin(rule: Repetition) -> bool:
    """Begins and publishes one in one step; what stands in the way is told, and the next time is a new chance."""
    try:
        with transaction.atomic():
            draft = templates.begin(template_id=rule.template_id, by=SYSTEM, fields={})
            rule.last = life.publish(giveaway_id=draft.pk, by=SYSTEM)
    except DomainError as refusal:
        reason = refusal.told(rule.template.account.language)
        rule.error = reason[:255]
        alerts.raise_alert(
            account_id=rule.template.account_id, kind=Alert.Kind.REPETITION_FAILED, title=rule.template.name,
            reason=reason,
        )  # fmt: skip
        return False
    rule.made += 1
    rule.error = ""
    return True


def next_time(rule: Repetition, moment: datetime) -> datetime | None:
    """When the rule comes round after `moment` by the account's clock of today; None when it is over."""
    if rule.count is not None and rule.made >= rule.count:
        return None
    zone = rule.template.account.time_zone
    when = recurrence.next_after(
        recurrence.Rule(rule.every, rule.at, zone, rule.weekday, rule.month_day), moment
    )
    return None if rule.until and when > rule.until else when


def described(rule: Repetition) -> dict[str, Any]:
    """The rule as the trail holds it."""
    names = ("every", "weekday", "month_day", "count")
    return {
        **{name: getattr(rule, name) for name in names},
        "at": str(rule.at),
        "until": str(rule.until or ""),
    }
