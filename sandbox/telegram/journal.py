"""What the server has accepted, on disk: one SQLite table of records that a killed process leaves whole."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Key = tuple[str, int, int]

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, first INTEGER NOT NULL, second INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (kind, first, second)
) WITHOUT ROWID
"""


class JournalInUse(Exception):
    """Another sandbox holds the same state directory."""


class Journal:
    """Collects changes and writes them in one transaction per `flush`; without a path it keeps nothing.

    Writes reach the operating system, not the platter: the promise is to survive the death of the
    process, not of the machine, and costs some 30 microseconds instead of a disk flush.
    """

    def __init__(self, path: Path | None) -> None:
        self._pending: dict[Key, str | None] = {}
        self._db: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _open(path)

    def put(self, kind: str, first: int, second: int, record: Any) -> None:
        if self._db is not None:
            self._pending[kind, first, second] = json.dumps(record, ensure_ascii=False)

    def drop(self, kind: str, first: int, second: int) -> None:
        if self._db is not None:
            self._pending[kind, first, second] = None

    def flush(self) -> None:
        if self._db is None or not self._pending:
            return
        pending, self._pending = self._pending, {}
        kept = [(*key, value) for key, value in pending.items() if value is not None]
        dropped = [key for key, value in pending.items() if value is None]
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", kept)
            self._db.executemany("DELETE FROM records WHERE kind = ? AND first = ? AND second = ?", dropped)

    def rows(self, kind: str) -> Iterator[tuple[int, int, Any]]:
        """The records of one kind, in the order of their keys."""
        if self._db is None:
            return
        query = "SELECT first, second, value FROM records WHERE kind = ? ORDER BY first, second"
        for first, second, value in self._db.execute(query, (kind,)):
            yield first, second, json.loads(value)

    def forget_all_but(self, kind: str) -> None:
        self._pending.clear()
        if self._db is not None:
            self._db.execute("DELETE FROM records WHERE kind != ?", (kind,))

    def close(self) -> None:
        self.flush()
        if self._db is not None:
            self._db.close()
            self._db = None


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=1.0, check_same_thread=False)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        db.execute(SCHEMA)
    except sqlite3.OperationalError as error:
        db.close()
        raise JournalInUse(f"{path} cannot be opened: {error}.") from error
    return db
