"""The list of participants as a table for the owner: codes, masked names unless asked otherwise, and results."""

import csv
from collections.abc import Iterator
from typing import Protocol

from broadcasts.services.report import mask
from giveaways.models import Giveaway, Status
from participants.models import Entry, Place

COLUMNS = ("code", "name", "weight", "joined_at", "result", "reason")
FULL_COLUMNS = (*COLUMNS, "user_id", "username")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Line(Protocol):
    """Where a csv writer leaves its line."""

    def write(self, line: str, /) -> str: ...


class _Echo:
    def write(self, line: str, /) -> str:
        return line


def rows(giveaway: Giveaway, *, full_names: bool, allowed: bool = True) -> Iterator[str]:
    """Lines of CSV in the order people came, streamed; results are empty until the giveaway is finished.

    Who is not `allowed` to know the people gets the same columns, masked.
    """
    writer = csv.writer(_Echo())
    yield writer.writerow(FULL_COLUMNS if full_names else COLUMNS)
    results = results_of(giveaway)
    entries = Entry.objects.filter(giveaway=giveaway).select_related("person").order_by("joined_at", "pk")
    finished = giveaway.status == Status.FINISHED
    for entry in entries.iterator(chunk_size=2000):
        result, reason = results.get(entry.pk, ("participant" if finished else "", ""))
        person = entry.person
        name = person.first_name if full_names and allowed else person.masked_name
        cells = [entry.code, name, entry.weight, entry.joined_at.isoformat(), result, reason]
        more = [person.telegram_id, person.username] if allowed else [mask(person.telegram_id), ""]
        more = more if full_names else []
        yield writer.writerow([harmless(cell) for cell in (*cells, *more)])


def results_of(giveaway: Giveaway) -> dict[int, tuple[str, str]]:
    """What the draw said of the places it looked at; nothing before the end."""
    if giveaway.status != Status.FINISHED:
        return {}
    places = Place.objects.filter(draw__giveaway=giveaway).exclude(verdict=Place.Verdict.PENDING)
    return {
        pk: (verdict, reason) for pk, verdict, reason in places.values_list("entry_id", "verdict", "reason")
    }


def harmless(cell: object) -> object:
    """A person's name is text, never a formula of the program that opens the table."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
