"""What is sold now, kept in Redis so that reading it asks no database. Offers are written in `offers.services.sell`.

A copy belongs to a version, and whoever changes an offer names a new version after the commit. The version is read
before the rows are: a copy of rows that were old lies under a version nobody asks for any more, so a slow reader
cannot put an old list in front of a new one. A change that went past the service, or a death between commit and
announcement, shows after SECONDS.
"""

import secrets
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from django.core import serializers
from django.db import transaction

from config.redis import client
from offers.models import Offer

VERSION = "offers:version"
SECONDS = 30
MOST_ANSWERS = 500


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The active offers by price as they were at `read_at`, and the answers that were made of them since."""

    version: str
    read_at: float
    offers: tuple[Offer, ...]
    answers: dict[str, bytes] = field(default_factory=dict)

    @property
    def is_fresh(self) -> bool:
        return time.time() < self.read_at + SECONDS

    def keep_answer(self, name: str, answer: bytes) -> None:
        """Answers are few, unless somebody makes up queries: those are made each time."""
        if len(self.answers) < MOST_ANSWERS:
            self.answers[name] = answer


_latest: Catalogue | None = None  # this process's own copy: it saves reading the offers out of Redis again


def current() -> Catalogue:
    """The catalogue as of now."""
    return of(_read(VERSION))


def of(named: str | None) -> Catalogue:
    """The catalogue of the version that was read under VERSION just now; seldom a look into Redis or a query."""
    global _latest
    version = str(named or _first_version())
    kept = _latest
    if kept is None or kept.version != version or not kept.is_fresh:
        _latest = kept = _from_redis(version) or _from_database(version)
    return kept


def forget() -> None:
    """After the commit nobody reads what was kept before it."""
    transaction.on_commit(lambda: client().set(VERSION, secrets.token_hex(8)), robust=True)


def narrowed(
    catalogue: Catalogue,
    *,
    kind: str | None = None,
    price_min: Decimal | None = None,
    price_max: Decimal | None = None,
    order: str = "price",
) -> list[Offer]:
    """The offers of a kind within a range of prices; equals keep the order of their ids."""
    found = [
        offer
        for offer in catalogue.offers
        if (kind is None or offer.kind == kind)
        and (price_min is None or offer.price >= price_min)
        and (price_max is None or offer.price <= price_max)
    ]
    found.sort(key=lambda offer: offer.pk)
    name = order.removeprefix("-")
    found.sort(key=lambda offer: getattr(offer, name), reverse=order.startswith("-"))
    return found


def _first_version() -> str | None:
    """Redis is new or forgot: one of those who come at once names the version, and all read it."""
    client().set(VERSION, secrets.token_hex(8), nx=True)
    return _read(VERSION)


def _from_redis(version: str) -> Catalogue | None:
    kept = _read(_key(version))
    if not kept:
        return None
    read_at, _, rows = kept.partition(" ")
    # A process of another version of the program may have written it: what it knew more is left out.
    offers = serializers.deserialize("json", rows, ignorenonexistent=True)
    return Catalogue(version, float(read_at), tuple(cast(Offer, one.object) for one in offers))


def _from_database(version: str) -> Catalogue:
    read_at = time.time()
    offers = tuple(Offer.objects.active().order_by("price", "id"))
    client().set(_key(version), f"{read_at} {serializers.serialize('json', offers)}", ex=SECONDS)
    return Catalogue(version, read_at, offers)


def _read(key: str) -> str | None:
    return cast(str | None, client().get(key))  # the client is told to decode


def _key(version: str) -> str:
    return f"offers:catalogue:{version}"
