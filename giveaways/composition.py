"""How a giveaway's posts read: Telegram HTML within Telegram's limits. Pure.

Every text of a person is escaped, so nothing they write can break the markup or hide in it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from re import compile as pattern

from config.language import LANGUAGES
from giveaways import texts

# Bot API, sendMessage and sendPhoto: characters after entities parsing. We count UTF-16 units, as Telegram's
# clients do: never fewer than the server counts.
MOST_TEXT = 4096
MOST_CAPTION = 1024
TAG = pattern(r"<[^>]+>")
SHA256_LENGTH = 64
SOURCE_PER_CHARACTER = 4  # a mailing takes that many letters of source for each one that is seen
MOST_PARTICIPANTS = 10_000_000
MOST_WINNERS = 100
MOST_NAME = 60
MOST_ROUND = 10**11


@dataclass(frozen=True)
class Promise:
    """What people are told when a giveaway is published."""

    title: str
    body: str
    winners: int
    language: str
    public: bool = False
    """Whether the draw waits for public randomness."""


@dataclass(frozen=True)
class Facts:
    """What the post says beside the promise, as the row has it now."""

    language: str
    draw_url: str
    ends_at: datetime | None = None  # in the zone it is told in
    places: int | None = None
    participants: int | None = None
    changes: int = 0


def facts_lines(facts: Facts) -> str:
    """One line for each thing there is to say; nobody is told of zero participants."""
    language = facts.language
    lines = [
        texts.ENDS.to(language, moment=moment(facts.ends_at, language)) if facts.ends_at else "",
        texts.PLACES.to(language, places=facts.places) if facts.places else "",
        texts.PARTICIPANTS.to(language, participants=facts.participants) if facts.participants else "",
        texts.CHANGED.to(language, changes=facts.changes, draw_url=facts.draw_url) if facts.changes else "",
    ]
    return "".join(lines)


def moment(when: datetime, language: str) -> str:
    """`6 January 2030, 18:00 (UTC+3)`: the day as people write it, and the zone, because a channel has readers
    everywhere."""
    month = texts.MONTHS.plain(language).split()[when.month - 1]
    hours, minutes = divmod(int((when.utcoffset() or timedelta()).total_seconds()) // 60, 60)
    zone = "UTC" + (f"{hours:+d}" if hours or minutes else "") + (f":{minutes:02d}" if minutes else "")
    return f"{when.day} {month} {when.year}, {when:%H:%M} ({zone})"


LONGEST_FACTS = Facts(
    "ru", "", datetime(2030, 9, 30, tzinfo=timezone(timedelta(hours=12, minutes=45))), 10**7, 10**7, 10**4
)


def announcement(promise: Promise, *, sha256: str, facts: str = "", closing: str = "") -> str:
    """The post that invites people: `facts` are lines before the last one, `closing` says that it is over."""
    template = texts.PUBLIC_ANNOUNCEMENT if promise.public else texts.ANNOUNCEMENT
    text = template.to(
        promise.language, title=promise.title, body=promise.body, winners=promise.winners, sha256=sha256
    )
    promised, _, seal = text.rpartition("\n")
    return f"{promised}{facts}\n{seal}{closing}"


def results_line(channel: str, link: str, language: str) -> str:
    """Says in which other channel the results are; without a link by its name alone."""
    name = channel[:MOST_NAME]
    if not link:
        return texts.RESULTS_IN.to(language, where=name)
    return texts.RESULTS_AT.to(language, where=name, link=link)


def closed(*, language: str, closing_sha256: str, beacon_round: int | None, due_at: datetime | None) -> str:
    """The line that says it is over; with public randomness also the sealed list's hash and the promised round."""
    line = texts.CLOSED.to(language)
    if beacon_round is None or due_at is None:
        return line
    return line + texts.SEALED.to(
        language, closing_sha256=closing_sha256, round=beacon_round, due=utc(due_at)
    )


def seal(*, title: str, language: str, closing_sha256: str, beacon_round: int, due_at: datetime) -> str:
    """The same as a message of its own."""
    line = texts.SEALED.to(language, closing_sha256=closing_sha256, round=beacon_round, due=utc(due_at))
    return texts.SEAL_TITLE.to(language, title=title) + line


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def rules_text(promise: Promise) -> str:
    """What is hashed into the opening record: title, text and number of winners, as people read them."""
    return f"{promise.title}\n\n{promise.body}\n\n{promise.winners}\n"


def visible_length(html: str) -> int:
    """Length after entities parsing, in UTF-16 code units."""
    return len(unescape(TAG.sub("", html)).encode("utf-16-le")) // 2


def longest_announcement(promise: Promise) -> int:
    """The length of the longest form this post will ever have."""
    sha256, language = "0" * SHA256_LENGTH, promise.language
    beacon_round, due_at = (MOST_ROUND, datetime.max.replace(tzinfo=UTC)) if promise.public else (None, None)
    endings = (
        texts.CANCELLED.to(language),
        closed(language=language, closing_sha256=sha256, beacon_round=beacon_round, due_at=due_at),
    )
    facts, results = facts_lines(LONGEST_FACTS), results_line("🎁" * MOST_NAME, "", language)
    return max(
        visible_length(announcement(promise, sha256=sha256, facts=facts, closing=results + ending))
        for ending in endings
    )


def conclusion(
    *,
    title: str,
    message: str,
    participants: int,
    winners: int,
    closing_sha256: str,
    draw_url: str,
    language: str,
    replaced: int = 0,
) -> str:
    """The post that says it is over, with the hash of the sealed list and where the draw can be checked."""
    text = texts.CONCLUSION.to(
        language,
        title=title,
        message=message,
        participants=participants,
        winners=winners,
        closing_sha256=closing_sha256,
        draw_url=draw_url,
    )
    return text + (texts.REPLACED.to(language, replaced=replaced) if replaced else "")


def longest_conclusion(title: str, message: str, *, draw_url: str) -> int:
    """The length of the longest text a final message will ever stand in: the channel's conclusion. What the
    bot tells a person is shorter, but in the person's own language. Signs that HTML writes with five letters
    may count for more than one."""
    ends = [
        conclusion(
            title=title,
            message=message,
            participants=MOST_PARTICIPANTS,
            winners=MOST_WINNERS,
            closing_sha256="0" * SHA256_LENGTH,
            draw_url=draw_url,
            language=language,
            replaced=MOST_PARTICIPANTS,
        )
        for language in LANGUAGES
    ]
    return max(max(visible_length(end), -(-len(end) // SOURCE_PER_CHARACTER)) for end in ends)
