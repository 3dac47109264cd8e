"""The rule of the network, for every module that speaks it: never inside a transaction."""

from django.db import connection


def refuse_inside_transaction(what: str) -> None:
    """Raises RuntimeError where a transaction is open: a row must never stay locked while somebody else's server
    thinks. The transaction a test lives in does not count."""
    if any(not block._from_testcase for block in connection.atomic_blocks):  # type: ignore[attr-defined]
        raise RuntimeError(f"{what} must not be asked inside a transaction")
