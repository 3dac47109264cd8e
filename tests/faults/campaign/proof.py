"""The proof, without a server in sight: what was recorded against what Telegram really accepted."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

WINDOW = 1.0  # seconds
LATENESS = 0.01  # share of the rate: a slot is used a few milliseconds after its time, or not at all
LATENCY, UNWRITTEN = 0.05, 0.2  # seconds of sending that a kill may find not answered, not written yet
LEAST_IN_THE_AIR, SECONDS_IN_THE_AIR = 30, 2  # how much a pump sends without an answer
REPEATED = {"resent", "interrupted", "no_answer", "not_json"}  # kinds of rows that admit a second message


@dataclass(frozen=True)
class Told:
    """One broadcast after the storm. `recorded` has (outcome, kind) by chat, `accepted` how often it arrived."""

    policy: str
    audience: Collection[int]
    recorded: Mapping[int, tuple[str, str]]
    rows: int
    counted: Mapping[str, int]
    accepted: Counter[int]
    attempts: Mapping[int, int]

    @property
    def doubtful(self) -> int:
        return sum(outcome == "uncertain" for outcome, _ in self.recorded.values())

    @property
    def resent(self) -> int:
        return sum(kind == "resent" for _, kind in self.recorded.values())

    @property
    def twice(self) -> int:
        return sum(times > 1 for times in self.accepted.values())

    @property
    def missed(self) -> int:
        return sum(not self.accepted[chat] for chat in self.audience)


def off(told: Told) -> list[str]:
    """Everything that must not be, as sentences; nothing when the delivery kept its word."""
    found = [*_lost(told), *_repeated(told), *_against_policy(told), *_miscounted(told)]
    return [f"{told.policy}: {sentence}" for sentence in found]


def _lost(told: Told) -> list[str]:
    audience, recorded = set(told.audience), set(told.recorded)
    silent = [
        chat for chat, (outcome, _) in told.recorded.items() if outcome == "sent" and not told.accepted[chat]
    ]
    other = [chat for chat, (outcome, _) in told.recorded.items() if outcome not in ("sent", "uncertain")]
    return _sentences(
        (audience - recorded, "have no result"),
        (recorded - audience, "have a result and were never meant"),
        (set(told.accepted) - audience, "received a message that was not for them"),
        (silent, "are called sent and received nothing"),
        (other, "failed or were skipped though Telegram refused nobody"),
    )


def _repeated(told: Told) -> list[str]:
    kinds = {chat: kind for chat, (_, kind) in told.recorded.items()}
    silently = [
        chat for chat, times in told.accepted.items() if times > 1 and kinds.get(chat) not in REPEATED
    ]
    return _sentences(
        (silently, "received it twice in silence"),
        ([chat for chat, times in told.accepted.items() if times > 2], "received it more than twice"),
    )


def _against_policy(told: Told) -> list[str]:
    if told.policy == "resend_once":
        return _sentences(
            ([chat for chat, times in told.attempts.items() if times > 2], "had a third attempt")
        )
    return _sentences(
        ([chat for chat, times in told.accepted.items() if times > 1], "received it twice"),
        ([chat for chat, times in told.attempts.items() if times > 1], "had a second attempt"),
        ([chat for chat, (_, kind) in told.recorded.items() if kind == "resent"], "are called resent"),
    )


def _miscounted(told: Told) -> list[str]:
    counted = Counter(outcome for outcome, _ in told.recorded.values())
    found = []
    if told.rows != len(told.recorded):
        found.append(f"{told.rows} rows for {len(told.recorded)} recipients")
    if dict(told.counted) != dict(counted):
        found.append(f"the counts say {dict(told.counted)}, the rows {dict(counted)}")
    return found


def _sentences(*groups: tuple[Collection[int], str]) -> list[str]:
    return [f"{len(chats)} {what}, such as {min(chats)}" for chats, what in groups if chats]


def too_doubtful(rate: float, ahead: int, told: Collection[Told], mischief: Mapping[str, int]) -> list[str]:
    """A blow puts in doubt what is in the air, granted ahead, or not written yet; no more."""
    blow = ahead + rate * (LATENCY + UNWRITTEN)
    silence = max(LEAST_IN_THE_AIR, SECONDS_IN_THE_AIR * rate)  # Telegram answers nobody for a while
    most = sum(times * (blow + silence * (what == "freeze Telegram")) for what, times in mischief.items())
    doubts = sum(one.doubtful + one.resent for one in told)
    return [f"{doubts} in doubt, at most {most:.0f} could be"] if doubts > most else []


def busiest(times: Sequence[float]) -> int:
    """The most moments in any one second. `times` are in order."""
    return max((bisect_left(times, at + WINDOW) - index for index, at in enumerate(times)), default=0)


def too_fast(
    rate: float, left: Sequence[tuple[float, int]], accepted: Sequence[tuple[float, int]]
) -> list[str]:
    """The limit as messages left, and as they arrived. Both are (time, chat), in order.

    A frozen or busy Telegram accepts in one second what had left in the second before: a window may hold as
    much more as its slowest message was on its way.
    """
    found = []
    if (most := busiest([at for at, _ in left])) > _most(rate):
        found.append(f"{most} messages left in one second at {rate:g}/s")
    ways = transits(left, accepted)
    times = [at for at, _ in accepted]
    for index, at in enumerate(times):
        end = bisect_left(times, at + WINDOW)
        if end - index > _most(rate) and end - index > _most(rate * (WINDOW + max(ways[index:end]))):
            found.append(f"{end - index} messages arrived in one second at {rate:g}/s")
            break
    return found


def _most(number: float) -> int:
    return int(number * (1 + LATENESS)) + 1


def transits(left: Sequence[tuple[float, int]], accepted: Sequence[tuple[float, int]]) -> list[float]:
    """How long each accepted message was on its way: since the last time one had left for its chat."""
    departures: dict[int, list[float]] = {}
    for at, chat in left:
        departures.setdefault(chat, []).append(at)
    return [_since_last(departures.get(chat, []), at) for at, chat in accepted]


def _since_last(departures: Sequence[float], at: float) -> float:
    before = bisect_left(departures, at + 0.001)  # Telegram's record is rounded to milliseconds
    return max(0.0, at - departures[before - 1]) if before else 0.0
