"""What remains of those who came for a giveaway: how many are still subscribed a day, a week, a month later."""

from dataclasses import dataclass

from django.db import connection

from giveaways.models import Giveaway

DAYS = (1, 7, 30)
# A newcomer entered the giveaway and came into its channel after it was published, the last time before entering.
# Telegram's word of the coming may be a moment older or younger than our entry.
NEWCOMERS = """
    WITH newcomer AS MATERIALIZED (
        SELECT DISTINCT ON (entry.id) person.telegram_id, change.at AS came
        FROM participants_entry AS entry
        JOIN participants_person AS person ON person.id = entry.person_id
        JOIN bots_memberchange AS change ON change.channel_id = %(channel)s
         AND change.person_id = person.telegram_id AND change.joined
         AND change.at >= %(published)s AND change.at <= entry.joined_at + interval '1 minute'
        WHERE entry.giveaway_id = %(giveaway)s
        ORDER BY entry.id, change.at DESC
    )
"""
COUNT = f"{NEWCOMERS} SELECT count(*) FROM newcomer"  # noqa: S608
STAYED = f"""
    {NEWCOMERS}
    SELECT days, count(*), count(*) FILTER (WHERE last.joined)
    FROM newcomer CROSS JOIN unnest(%(days)s) AS days
    CROSS JOIN LATERAL (
        SELECT change.joined FROM bots_memberchange AS change
        WHERE change.channel_id = %(channel)s AND change.person_id = newcomer.telegram_id
          AND change.at <= newcomer.came + make_interval(days => days)
        ORDER BY change.at DESC, change.id DESC LIMIT 1
    ) AS last
    WHERE newcomer.came + make_interval(days => days) <= now()
    GROUP BY days
"""  # noqa: S608


@dataclass(frozen=True)
class Stay:
    """After so many days: of `known` newcomers, for whom the days have passed, `subscribed` still are."""

    days: int
    known: int
    subscribed: int


@dataclass(frozen=True)
class Retention:
    """Counted from Telegram's updates about the giveaway's own channel; empty where it sent none."""

    newcomers: int
    stays: tuple[Stay, ...]


def retention(giveaway: Giveaway) -> Retention:
    """Who came into the channel for the giveaway, and who stayed."""
    if giveaway.published_at is None or giveaway.binding is None:
        return Retention(0, ())
    facts = {
        "giveaway": giveaway.pk,
        "channel": giveaway.binding.channel_id,
        "published": giveaway.published_at,
        "days": list(DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, facts)
        (newcomers,) = cursor.fetchone()
        cursor.execute(STAYED, facts)
        counted = {days: (known, subscribed) for days, known, subscribed in cursor.fetchall()}
    return Retention(newcomers, tuple(Stay(days, *counted.get(days, (0, 0))) for days in DAYS))
