"""The state of the Telegram world: every record, found by id, kept in the journal, announced to watchers."""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.telegram.clock import Clock
from sandbox.telegram.journal import Journal
from sandbox.telegram.models import (
    JSON,
    PRIVATE_BOX,
    Bot,
    Channel,
    Dialog,
    Member,
    Message,
    Person,
    Query,
    StoredFile,
    to_record,
)

# Keys of the counters that are not chats or bots. Ids of people and bots lie past 2**32 on purpose, as
# new ones do on the real thing: a column too narrow for them fails here first.
PRIVATE_MESSAGES, PEOPLE, BOTS, CHANNELS, QUERIES, FILES, ACCEPTED, ALBUMS, CROSSINGS, LETTERS, CHARGES = (
    range(11)
)
FIRST = {
    PEOPLE: 5_200_000_000,
    BOTS: 7_100_000_000,
    CHANNELS: 2_300_000_000,
    QUERIES: 410_000_000_000_000_000,
    ALBUMS: 13_500_000_000_000_000,
}
WORLDS, IDS_PER_WORLD = 1000, 1_000_000
UPDATE_BASE = 528_000_000
CHANNEL_ID_BASE = -1_000_000_000_000

Chat = Person | Channel
Watcher = Callable[[JSON], None]


class World:
    """One Telegram: without a directory it lives in memory, with one it survives the process."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory
        self.clock = Clock()
        self.watchers: list[Watcher] = []
        self.counters: dict[int, int] = dict(FIRST)
        if directory:  # a world whose files were lost must not give old ids to new people
            for counter in (PEOPLE, CHANNELS):
                self.counters[counter] += secrets.randbelow(WORLDS) * IDS_PER_WORLD
        self._forget()
        stored = Journal(directory / "telegram.sqlite3" if directory else None)
        # What is read back passes through the same `keep_*`, but need not be written again.
        self.journal = Journal(None)
        self._load(stored)
        self.journal = stored

    def _forget(self) -> None:
        self.bots: dict[int, Bot] = {}
        self.tokens: dict[str, Bot] = {}
        self.people: dict[int, Person] = {}
        self.channels: dict[int, Channel] = {}
        self.names: dict[str, Bot | Person | Channel] = {}
        self.members: defaultdict[int, dict[int, Member]] = defaultdict(dict)
        self.dialogs: dict[tuple[int, int], Dialog] = {}
        self.boxes: defaultdict[int, dict[int, Message]] = defaultdict(dict)
        self.transcripts: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        self.files: dict[int, StoredFile] = {}
        self.queries: dict[int, Query] = {}
        self.accepted: list[JSON] = []
        self.crossings: list[JSON] = []
        self.charges: dict[str, JSON] = {}
        self.updates: dict[tuple[int, int], Any] = {}
        self.limits: JSON = {}

    def reset(self) -> None:
        """Forgets everything; counters go on, so no id or update id is ever met twice."""
        self._forget()
        self.journal.forget_all_but("counter")

    def next(self, counter: int) -> int:
        value = self.counters.get(counter, 0) + 1
        self.counters[counter] = value
        self.journal.put("counter", counter, 0, value)
        return value

    def start_counter(self, counter: int, value: int) -> None:
        self.counters[counter] = value
        self.journal.put("counter", counter, 0, value)

    # Writing: each `keep_*` is called after every change of its record.

    def keep_bot(self, bot: Bot) -> None:
        self.bots[bot.id] = bot
        self.tokens[bot.token] = bot
        self._name(bot)
        self.journal.put("bot", bot.id, 0, to_record(bot))

    def keep_person(self, person: Person) -> None:
        self.people[person.id] = person
        self._name(person)
        self.journal.put("person", person.id, 0, to_record(person))

    def keep_channel(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        self._name(channel)
        self.journal.put("channel", channel.id, 0, to_record(channel))

    def keep_member(self, channel_id: int, member: Member) -> None:
        self.members[channel_id][member.user_id] = member
        self.journal.put("member", channel_id, member.user_id, to_record(member))

    def keep_dialog(self, dialog: Dialog) -> None:
        self.dialogs[dialog.bot_id, dialog.person_id] = dialog
        self.journal.put("dialog", dialog.bot_id, dialog.person_id, to_record(dialog))

    def keep_message(self, message: Message) -> None:
        box = self.boxes[message.box]
        if message.message_id not in box and message.box == PRIVATE_BOX:
            self.transcripts[message.bot_id, message.chat_id].append(message.message_id)
        box[message.message_id] = message
        self.journal.put("message", message.box, message.message_id, to_record(message))

    def drop_message(self, message: Message) -> None:
        del self.boxes[message.box][message.message_id]
        if message.box == PRIVATE_BOX:
            self.transcripts[message.bot_id, message.chat_id].remove(message.message_id)
        self.journal.drop("message", message.box, message.message_id)

    def keep_file(self, file: StoredFile) -> None:
        self.files[file.serial] = file
        self.journal.put("file", file.serial, 0, to_record(file))

    def keep_query(self, query: Query) -> None:
        self.queries[query.id] = query
        self.journal.put("query", query.id, 0, to_record(query))

    def drop_query(self, query: Query) -> None:
        self.queries.pop(query.id, None)
        self.journal.drop("query", query.id, 0)

    def keep_charge(self, charge: JSON) -> None:
        """A payment in Stars, by the id Telegram gave it."""
        number = charge.setdefault("number", 0) or self.next(CHARGES)
        self.charges[charge["charge_id"]] = charge | {"number": number}
        self.journal.put("charge", number, 0, self.charges[charge["charge_id"]])

    def keep_limits(self, limits: JSON) -> None:
        self.limits = limits
        self.journal.put("limits", 0, 0, limits)

    def accept(self, bot_id: int, method: str, message: Message) -> None:
        """Notes one message that Telegram would have delivered: the truth that crash tests compare with."""
        entry = {
            "bot_id": bot_id,
            "method": method,
            "chat_id": message.chat_id,
            "message_id": message.message_id,
            "text": message.text,
            "at": round(self.clock.now(), 3),
        }
        self.accepted.append(entry)
        self.journal.put("accepted", self.next(ACCEPTED), 0, entry)

    def cross(self, channel_id: int, person_id: int, *, joined: bool, link: str) -> None:
        """Notes that a person came or went, and by which link: the truth that statistics compare with."""
        entry = {
            "channel_id": channel_id,
            "person_id": person_id,
            "joined": joined,
            "link": link,
            "at": self.clock.now(),
        }
        self.crossings.append(entry)
        self.journal.put("crossing", self.next(CROSSINGS), 0, entry)

    def _name(self, owner: Bot | Person | Channel) -> None:
        if owner.username:
            self.names[owner.username.lower()] = owner

    # Reading

    def member(self, channel_id: int, user_id: int) -> Member:
        """The member, or one who has left when there never was one."""
        return self.members[channel_id].get(user_id) or Member(user_id, "left")

    def members_count(self, channel_id: int) -> int:
        return sum(member.is_inside for member in self.members[channel_id].values())

    def bots_inside(self, channel_id: int) -> list[tuple[Bot, Member]]:
        members = self.members[channel_id]
        inside = ((bot, members.get(bot.id)) for bot in self.bots.values())
        return [(bot, member) for bot, member in inside if member and member.is_inside]

    def dialog(self, bot_id: int, person_id: int) -> Dialog | None:
        return self.dialogs.get((bot_id, person_id))

    def acquaint(self, bot_id: int, person_id: int) -> Dialog:
        """The bot has now seen the person, which is what makes an id usable for it."""
        dialog = self.dialog(bot_id, person_id)
        if dialog is None:
            dialog = Dialog(bot_id, person_id)
            self.keep_dialog(dialog)
        return dialog

    def find(self, reference: int | str) -> Bot | Person | Channel | None:
        """Whoever carries the id, the `@username`, the bare username or the numeric text."""
        if isinstance(reference, str) and re.fullmatch(r"-?\d+", reference):
            reference = int(reference)
        if isinstance(reference, str):
            return self.names.get(reference.removeprefix("@").lower())
        return self.bots.get(reference) or self.people.get(reference) or self.channels.get(reference)

    def message(self, box: int, message_id: int) -> Message | None:
        return self.boxes[box].get(message_id)

    def transcript(self, bot_id: int, person_id: int) -> list[Message]:
        box = self.boxes[PRIVATE_BOX]
        return [box[message_id] for message_id in self.transcripts.get((bot_id, person_id), [])]

    # Watching

    def tell(self, kind: str, **about: Any) -> None:
        """Tells the watchers that something changed; they read the state themselves."""
        event = {"kind": kind, **about}
        for watcher in list(self.watchers):
            watcher(event)

    # Coming back after a restart

    def _load(self, stored: Journal) -> None:
        self.counters.update({key: value for key, _, value in stored.rows("counter")})
        self.accepted = [record for _, _, record in stored.rows("accepted")]
        self.crossings = [record for _, _, record in stored.rows("crossing")]
        self.charges = {record["charge_id"]: record for _, _, record in stored.rows("charge")}
        self.updates = {(bot_id, update_id): record for bot_id, update_id, record in stored.rows("update")}
        self.limits = next((record for _, _, record in stored.rows("limits")), {})
        loaders: dict[str, Callable[[int, JSON], None]] = {
            "bot": lambda _, record: self.keep_bot(Bot(**record)),
            "person": lambda _, record: self.keep_person(Person(**record)),
            "channel": lambda _, record: self.keep_channel(Channel(**record)),
            "member": lambda channel_id, record: self.keep_member(channel_id, Member(**record)),
            "dialog": lambda _, record: self.keep_dialog(Dialog(**record)),
            "message": lambda _, record: self.keep_message(Message(**record)),
            "file": lambda _, record: self.keep_file(StoredFile(**record)),
            "query": lambda _, record: self.keep_query(Query(**record)),
        }
        for kind, load in loaders.items():
            for first, _, record in stored.rows(kind):
                load(first, record)
