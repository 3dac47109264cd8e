"""What became of every recipient, a page at a time: a million rows cost no more memory than a thousand."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from broadcasts.models import Broadcast

PAGE = 5_000
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
