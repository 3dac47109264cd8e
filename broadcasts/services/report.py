"""What became of every recipient, a page at a time: a million rows cost no more memory than a thousand."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

from broadcasts.models import ERASED, Broadcast

PAGE = 5_000
LINES = 1_000  # handed on at once
COLUMNS = ("chat_id", "outcome", "kind", "message_id", "at", "attempts")
Row = tuple[int | str | None, str, str, int | None, datetime | None, int]

# By the recipient's place, which never changes: whoever is recorded meanwhile is neither missed nor told twice.
ROWS = """
    SELECT recipient.seq, CASE WHEN recipient.chat_id > %s THEN recipient.chat_id END,
           coalesce(delivery.outcome, 'pending'), coalesce(delivery.kind, ''), delivery.message_id,
           delivery.at, coalesce(delivery.run, 0)
    FROM broadcasts_recipient AS recipient
    LEFT JOIN broadcasts_delivery AS delivery
      ON delivery.broadcast_id = recipient.broadcast_id AND delivery.chat_id = recipient.chat_id
     AND delivery.superseded_at IS NULL
    WHERE recipient.broadcast_id = %s AND recipient.seq > %s
    ORDER BY recipient.seq LIMIT %s
"""


def rows(broadcast: Broadcast) -> Iterator[Row]:
    """One row a recipient, as COLUMNS says; whoever has no result yet is pending, whoever was erased has no chat."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [ERASED, broadcast.pk, last, PAGE])
            page = cursor.fetchall()
        yield from (row[1:] for row in page)
        if len(page) < PAGE:
            return
        last = page[-1][0]


def csv_lines(broadcast: Broadcast, *, masked: bool = False) -> Iterator[bytes]:
    """The same as a CSV file, some lines at a time; `masked` for who may not see whose chats they are."""
    found = rows(broadcast)
    yield _written([COLUMNS])
    while some := list(islice(found, LINES)):
        yield _written([_line(row, masked) for row in some])


def _line(row: Row, masked: bool) -> tuple[Any, ...]:
    chat, at = row[0], row[4]
    return (mask(chat) if masked else chat, *row[1:4], at and at.isoformat(), row[5])


def mask(chat: int | str | None) -> str:
    """Its last two digits: enough to compare with what somebody tells on the phone."""
    return "" if chat is None else f"•••{str(chat)[-2:]}"


def file_name(broadcast: Broadcast) -> str:
    return f"broadcast-{broadcast.public_id}.csv"


def _written(lines: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
