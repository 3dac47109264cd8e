"""Forgetting a person: at once, or as soon as nothing they take part in still needs to know them.

A running giveaway needs the id, and no hash of it would do: at the draw Telegram is asked whether this person is
subscribed, and the result has to be told to them. So it waits for the end, and everything else goes at once. Because
nobody is forgotten while a giveaway of theirs runs, nobody enters one twice by being forgotten in between. What stays
is a row without name and id, so that codes, lists and proofs are what they were.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from bots.services import subscribers
from broadcasts.models import Broadcast
from broadcasts.services import erasing
from giveaways.models import Giveaway, Status
from participants.models import Captcha, Draw, Entry, Person, Place
from participants.steps import Forgotten

PERSON = Actor(label="participant")
TELLING_TIME = timedelta(days=1)  # for a result on its way; a stopped bot keeps nobody longer
AT_A_TIME = 200


@transaction.atomic
def ask(*, telegram_id: int, by: Actor = PERSON) -> Forgotten:
    """A person wants to be forgotten: done now, or remembered until their giveaways are over.

    The row is locked against whoever enters (`enter.join_many` locks it too), so one of the two comes first.
    """
    person = Person.objects.select_for_update().filter(telegram_id=telegram_id).first()
    forget_elsewhere = subscribers.forget_person(chat_id=telegram_id)
    if person is None:
        erasing.request(chat_id=telegram_id)
        return Forgotten(known=forget_elsewhere > 0)
    if waits := waiting_for(person):
        wait(person, by)
        return Forgotten(waits=tuple(sorted({giveaway.title for giveaway in waits})))
    forget(person, by=by)
    return Forgotten()


def waiting_for(person: Person) -> list[Giveaway]:
    """The giveaways that still need to know this person."""
    entered = Entry.objects.filter(person=person)
    running = entered.exclude(giveaway__status__in=(Status.FINISHED, Status.CANCELLED))
    places = Place.objects.filter(entry__person=person)
    to_claim = places.filter(verdict=Place.Verdict.WINNER, claim_until__isnull=False, claimed_at__isnull=True)
    moving_up = places.filter(draw__promoting_at__isnull=False, seated_at__isnull=True).exclude(
        verdict=Place.Verdict.SKIPPED
    )
    ids = {
        *running.values_list("giveaway_id", flat=True),
        *(to_claim | moving_up).values_list("draw__giveaway_id", flat=True),
        *_being_told(entered.values_list("giveaway_id", flat=True)),
    }
    return list(Giveaway.objects.filter(pk__in=ids).order_by("pk"))


def _being_told(giveaway_ids: Iterable[int]) -> list[int]:
    """Giveaways just over, whose results are on their way."""
    under_way = (Broadcast.Status.SCHEDULED, Broadcast.Status.RUNNING, Broadcast.Status.PAUSED)
    sending = Q(winners_broadcast__status__in=under_way) | Q(rest_broadcast__status__in=under_way)
    fresh = Draw.objects.filter(giveaway_id__in=giveaway_ids, settled_at__gt=timezone.now() - TELLING_TIME)
    return list(fresh.filter(sending).values_list("giveaway_id", flat=True))


def wait(person: Person, by: Actor) -> None:
    """What no giveaway needs goes now; the rest is a row to come back to."""
    erasing.withdraw(chat_id=person.telegram_id or 0, needed=_results_for(person))
    first = person.forget_asked_at is None
    person.first_name = person.username = ""
    person.forget_asked_at = person.forget_asked_at or timezone.now()
    person.save(update_fields=["first_name", "username", "forget_asked_at"])
    if first:
        audit.record(by, "ask_to_be_forgotten", person, account_id=None)


def _results_for(person: Person) -> list[int]:
    """The broadcasts that tell this person how their giveaways ended."""
    draws = Draw.objects.filter(giveaway__in=Entry.objects.filter(person=person).values("giveaway"))
    told = Place.objects.filter(entry__person=person).values_list("told_by_id", flat=True)
    pairs = draws.values_list("winners_broadcast_id", "rest_broadcast_id")
    return [pk for pk in (*told, *(pk for pair in pairs for pk in pair)) if pk]


def forget(person: Person, *, by: Actor) -> None:
    """The locked row loses name and id; entries lose the nonce, with which an id could be tried against their codes."""
    if person.telegram_id is not None:
        erasing.request(chat_id=person.telegram_id)
    Captcha.objects.filter(person=person).delete()
    Entry.objects.filter(person=person).update(nonce="")
    person.telegram_id = person.captcha_blocked_until = None
    person.first_name = person.username = person.language_code = ""
    person.captcha_failures = 0
    person.forgotten_at = timezone.now()
    person.save()
    audit.record(by, "forget", person, account_id=None)


def forget_waiting() -> int:
    """Forgets those whose giveaways are over by now; safe to run twice, safe to kill anywhere. How many."""
    waiting = Person.objects.to_forget().order_by("forget_asked_at").values_list("pk", flat=True)
    return sum(_forget_if_over(pk) for pk in list(waiting[:AT_A_TIME]))


@transaction.atomic
def _forget_if_over(person_id: int) -> bool:
    """The clock's half of `ask`, under the same lock."""
    person = Person.objects.to_forget().select_for_update(skip_locked=True).filter(pk=person_id).first()
    if person is None or person.telegram_id is None or waiting_for(person):
        return False
    subscribers.forget_person(chat_id=person.telegram_id)
    forget(person, by=SYSTEM)
    return True
