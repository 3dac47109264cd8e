"""`manage.py reconcile`: proves that ledger, balances, transactions and subscriptions agree; else exits 1."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from offers import gateway
from offers.services import reconcile

AT_ONCE = 16


class Command(BaseCommand):
    help = "Proves that ledger, balances, transactions and subscriptions agree, and prints what does not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--partner", action="store_true", help="ask the partner about settled transactions too"
        )
        parser.add_argument(
            "--most", type=int, default=1000, help="how many, the newest first (default 1000)"
        )

    def handle(self, **options: Any) -> None:
        found = reconcile.differences()
        if options["partner"]:
            found += partners_word(options["most"])
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"{len(found)} differences.")
        self.stdout.write("Ledger, balances, transactions and subscriptions agree.")


def partners_word(most: int) -> Iterator[str]:
    """What the partner sees differently among the newest settled transactions."""
    orders = reconcile.settled()[:most].iterator()
    while batch := list(islice(orders, AT_ONCE)):
        yield from reconcile.against(batch, gateway.look(batch))
