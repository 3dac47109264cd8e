"""Emptying the tables after a test that committed: rows are deleted, because TRUNCATE makes new files for
every table and index, which costs several times as much as a test.

Needs a database user who may switch foreign keys off for a moment (a superuser, as test servers give)."""

from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations


def delete_rows(_self: DatabaseOperations, _style: Any, tables: list[str], **_options: Any) -> list[str]:
    """The statements of Django's `flush`, run in one transaction."""
    if not tables:
        return []
    keys_off = "SET LOCAL session_replication_role = replica"
    return [keys_off, *(f'DELETE FROM "{table}"' for table in tables)]


def install() -> None:
    DatabaseOperations.sql_flush = delete_rows  # type: ignore[method-assign]
