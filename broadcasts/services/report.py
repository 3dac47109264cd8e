"""What became of every recipient, a page at a time: a million rows cost no more memory than a thousand."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

from broadcasts.models import Broadcast

PAGE = 5_000
LINES = 1_000  # handed on at once
COLUMNS = ("chat_id", "outcome", "kind", "message_id", "at", "attempts")
Row = tuple[int, str, str, int | None, datetime | None, int]

# By the recipient's place, which never changes: whoever is recorded meanwhile is neither missed nor told twice.
ROWS = """
    SELECT recipient.seq, recipient.chat_id, coalesce(delivery.outcome, 'pending'), coalesce(delivery.kind, ''),
           delivery.message_id, delivery.at, coalesce(delivery.run, 0)
    FROM broadcasts_recipient AS recipient
    LEFT JOIN broadcasts_delivery AS delivery
      ON delivery.broadcast_id = recipient.broadcast_id AND delivery.chat_id = recipient.chat_id
     AND delivery.superseded_at IS NULL
    WHERE recipient.broadcast_id = %s AND recipient.seq > %s
    ORDER BY recipient.seq LIMIT %s
"""


def rows(broadcast: Broadcast) -> Iterator[Row]:
    """One row a recipient, as COLUMNS says; whoever has no result yet is pending."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [broadcast.pk, last, PAGE])
            page = cursor.fetchall()
        yield from (row[1:] for row in page)
        if len(page) < PAGE:
            return
        last = page[-1][0]


def csv_lines(broadcast: Broadcast) -> Iterator[bytes]:
    """The same as a CSV file, some lines at a time."""
    found = rows(broadcast)
    yield _written([COLUMNS])
    while some := list(islice(found, LINES)):
        yield _written([(*row[:4], row[4] and row[4].isoformat(), row[5]) for row in some])


def file_name(broadcast: Broadcast) -> str:
    return f"broadcast-{broadcast.public_id}.csv"


def _written(lines: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
