"""Which pump serves which bot: one at a time, by a soft lease, so that its broadcasts are weighed in one place.

Losing it costs fairness for a moment, never correctness: chunks have leases of their own, the pace is Redis'.
"""

from collections.abc import Collection

from django.db import connection

from broadcasts.models import Lane

# A broadcast whose time has come, with something left that nobody has in hand.
DUE = """
    broadcast.status IN ('scheduled', 'running')
    AND (broadcast.scheduled_at IS NULL OR broadcast.scheduled_at <= now())
    AND (broadcast.expires_at IS NULL OR broadcast.expires_at > now())
    AND NOT (broadcast.paid AND broadcast.stars_spent_then = 'pause'
             AND broadcast.paid_granted >= broadcast.stars_budget * 10)
    AND EXISTS (
        SELECT 1 FROM broadcasts_chunk AS chunk
        WHERE chunk.broadcast_id = broadcast.id AND chunk.done_at IS NULL
          AND (chunk.leased_until IS NULL OR chunk.leased_until < now())
    )
"""
HOLD = f"""
    INSERT INTO broadcasts_lane (bot_id, held_by, held_until)
    SELECT bot.id, %(pump)s, now() + make_interval(secs => %(seconds)s)
    FROM bots_bot AS bot
    LEFT JOIN broadcasts_lane AS lane ON lane.bot_id = bot.id
    WHERE bot.status = 'active'
      AND (lane.bot_id IS NULL OR lane.held_by = %(pump)s OR lane.held_until < now())
      AND bot.id IN (SELECT broadcast.bot_id FROM broadcasts_broadcast AS broadcast WHERE {DUE})
    ORDER BY lane.held_by = %(pump)s DESC NULLS LAST, bot.id LIMIT %(most)s
    ON CONFLICT (bot_id) DO UPDATE SET held_by = EXCLUDED.held_by, held_until = EXCLUDED.held_until
      WHERE broadcasts_lane.held_by = EXCLUDED.held_by OR broadcasts_lane.held_until < now()
    RETURNING bot_id
"""  # noqa: S608


def hold(*, pump: str, seconds: float, most: int) -> list[int]:
    """Bots with work to take that this pump serves now: its own, then those nobody serves."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {"pump": pump, "seconds": seconds, "most": most})
        return [row[0] for row in cursor.fetchall()]


def renew(*, pump: str, seconds: float, bots: Collection[int]) -> None:
    """Keeps the bots this pump still sends for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE broadcasts_lane SET held_until = now() + make_interval(secs => %s)
            WHERE bot_id = ANY(%s) AND held_by = %s
            """,
            [seconds, list(bots), pump],
        )


def release(*, pump: str) -> None:
    """Leaves every bot to the next pump."""
    Lane.objects.filter(held_by=pump).delete()


def due() -> bool:
    """Whether some bot has work and no pump."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (
                SELECT 1 FROM broadcasts_broadcast AS broadcast
                JOIN bots_bot AS bot ON bot.id = broadcast.bot_id AND bot.status = 'active'
                LEFT JOIN broadcasts_lane AS lane ON lane.bot_id = bot.id AND lane.held_until > now()
                WHERE lane.bot_id IS NULL AND {DUE})
            """  # noqa: S608
        )
        (found,) = cursor.fetchone()
        return bool(found)
