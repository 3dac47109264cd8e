"""What was received, newest last, and the misbehaviour that was asked for."""

from dataclasses import asdict, dataclass

from sandbox.telegram.models import JSON
from sandbox.telegram.world import LETTERS, World

SMS_KEY = "sandbox-sms-key"  # what SMS_API_KEY has to be
CHANNELS = ("email", "sms")
KINDS = {
    "refuse": "for good: 550, or HTTP 400",
    "later": "for now: 451, or HTTP 503",
    "error": "not taken, and no reason: 554 without the letter, or HTTP 500",
    "lost": "taken, and the answer lost: the connection is cut, or HTTP 500",
    "hang": "silent for `ms`, then taken",
    "garble": "taken, with an answer that is none",
}
MOST_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail or SMS; `at` is Unix time."""

    id: int
    channel: str
    to: str
    text: str
    at: float
    subject: str = ""
    message_id: str = ""

    def shape(self) -> JSON:
        """SMS have no subject and no Message-ID."""
        return {name: value for name, value in asdict(self).items() if value != ""}


@dataclass(slots=True)
class Trouble:
    """How the next `times` letters of a channel fare."""

    channel: str
    kind: str
    ms: int = 0
    times: int = 1


class Inbox:
    """Keeps its letters in the world's journal, so that they survive a restart and end with a reset."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._letters = [Letter(**record) for _, _, record in world.journal.rows("letter")]
        self._troubles: list[Trouble] = []

    def take(self, channel: str, to: str, text: str, *, subject: str = "", message_id: str = "") -> Letter:
        """Written to the journal before anybody is answered."""
        world = self._world
        letter = Letter(
            world.next(LETTERS), channel, to, text, round(world.clock.now(), 3), subject, message_id
        )
        self._letters.append(letter)
        world.journal.put("letter", letter.id, 0, asdict(letter))
        for old in self._letters[:-MOST_KEPT]:
            world.journal.drop("letter", old.id, 0)
        self._letters = self._letters[-MOST_KEPT:]
        world.journal.flush()
        world.tell("inbox")
        return letter

    def listed(self, to: str = "") -> list[Letter]:
        """Newest last; `to` in any case of its letters."""
        return [letter for letter in self._letters if not to or letter.to.lower() == to.lower()]

    def forget(self) -> None:
        """The journal is the reset's own business."""
        self._letters.clear()
        self.behave()

    def misbehave(self, trouble: Trouble) -> None:
        self._troubles.append(trouble)

    def behave(self) -> None:
        self._troubles.clear()

    def trouble(self, channel: str) -> Trouble:
        """What the next letter of the channel meets; a kind of "" is nothing at all."""
        found = next((one for one in self._troubles if one.channel == channel), None)
        if found is None:
            return Trouble(channel, "")
        found.times -= 1
        if found.times <= 0:
            self._troubles.remove(found)
        return found
