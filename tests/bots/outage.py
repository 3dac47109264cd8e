"""A database that is away: nobody gets in, whoever was inside is thrown out."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.db import connection


def _administer(name: str, *statements: str) -> None:
    """Runs statements on the server, past the database itself."""
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    parameters.pop("cursor_factory", None)
    outside = psycopg2.connect(**parameters)
    outside.autocommit = True
    with outside.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"name": name})
    outside.close()


@contextmanager
def database_away() -> Iterator[None]:
    """The test's database refuses every connection while the block runs, and breaks those there are."""
    name = connection.settings_dict["NAME"]
    quoted = connection.ops.quote_name(name)
    connection.close()
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %(name)s"
    _administer(name, f"ALTER DATABASE {quoted} WITH ALLOW_CONNECTIONS false".replace("%", "%%"), end)
    try:
        yield
    finally:
        _administer(name, f"ALTER DATABASE {quoted} WITH ALLOW_CONNECTIONS true".replace("%", "%%"))
