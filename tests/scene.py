"""The platform on a stage: a sandbox Telegram, an owner's bot and channel, people, and the clock's tasks by hand.

Updates are taken through the real intake and dispatcher; tasks run when a test says so. What needs separate
processes and kill -9 lives in tests/faults.
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, TypeVar

import httpx
import time_machine
from aiogram import methods
from aiogram.types import Update
from django.conf import settings
from django.db import connections
from django.utils import timezone
from redis.asyncio import Redis

from accounts.audit import Actor
from accounts.models import User
from bots import database, gateway, telegram
from bots.models import Binding, Bot
from bots.services import bots, channels
from bots.telegram import Served
from bots.updates.intake import Intake
from bots.updates.polling import ALLOWED_UPDATES
from bots.updates.roster import served_of
from bots.updates.turns import Turn
from broadcasts.tasks import pump
from config.telegram import dispatcher
from giveaways import tasks as giveaway_tasks
from giveaways.models import Giveaway
from giveaways.services import life, write
from participants import tasks as participant_tasks
from participants.models import Person
from participants.services import enter
from participants.services.people import Visitor, know
from participants.steps import Step
from tests import quick_flush

quick_flush.install()
T = TypeVar("T")
MOST_UPDATES = 100  # of one getUpdates
OWNER = Actor(label="owner")
one_dispatcher = functools.cache(dispatcher)


def later(**duration: float) -> AbstractContextManager[Any]:
    """`with later(minutes=5):` lives in that future; the clock goes on from there."""
    return time_machine.travel(timezone.now() + timedelta(**duration), tick=True)


class Control:
    """The sandbox's control API in the words of a play; ids are Telegram's."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=f"{url}/sandbox", timeout=30)

    def ask(self, verb: str, path: str, **body: Any) -> Any:
        response = self.http.request(verb, path, json=body or None)
        assert response.is_success, response.text
        return response.json()

    def person(self, name: str = "Ann", **about: Any) -> int:
        return int(self.ask("POST", "/people", first_name=name, **about)["id"])

    def people(self, count: int) -> list[int]:
        return [person["id"] for person in self.ask("POST", "/people", first_name="P", count=count)]

    def subscribe(self, channel: int, *people: int) -> None:
        for person in people:
            self.ask("PUT", f"/channels/{channel}/members/{person}")

    def leave(self, channel: int, person: int) -> None:
        self.ask("DELETE", f"/channels/{channel}/members/{person}")

    def block(self, person: int, bot: int) -> None:
        self.ask("PUT", f"/people/{person}/block/{bot}")

    def start(self, person: int, bot: int, payload: str = "") -> None:
        self.ask("POST", f"/people/{person}/start", bot=bot, payload=payload)

    def say(self, person: int, bot: int, text: str) -> None:
        self.ask("POST", f"/people/{person}/say", bot=bot, text=text)

    def press(self, person: int, chat: int, message: int, button: str) -> Any:
        return self.ask("POST", f"/people/{person}/press", chat_id=chat, message_id=message, button=button)

    def chat(self, person: int, bot: int) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/people/{person}/chats/{bot}"))

    def posts(self, channel: int) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/channels/{channel}/posts"))

    def accepted(self, bot: int) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/accepted?bot_id={bot}"))

    def calls(self, method: str, bot: int) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/calls?method={method}&bot_id={bot}"))

    def fault(self, kind: str, **about: Any) -> None:
        self.ask("POST", "/faults", kind=kind, **{"times": 1, **about})

    def calm(self) -> None:
        self.ask("DELETE", "/faults")


class Listening:
    """The update process of one bot, by hand."""

    bot: Bot
    offset: int | None = None

    @property
    def served(self) -> Served:
        return served_of(Bot.objects.get(pk=self.bot.pk))

    def take_updates(self) -> int:
        """Takes what waits for the bot, as the poller would; how many updates it was.

        Telegram makes whoever asks twice from the same offset wait: call it when something has happened.
        """
        count, taken = 0, None
        while taken is None or len(taken) == MOST_UPDATES:
            taken = telegram.wait_for(_take_updates(self.served, self.offset))
            self.offset = taken[-1].update_id + 1 if taken else self.offset
            count += len(taken)
        return count

    def take_during(self, press: Callable[[], T]) -> T:
        """Takes updates while somebody presses a button: a press waits for its answer, which this thread gives."""
        with ThreadPoolExecutor(1) as hand:
            pressing = hand.submit(press)
            while not pressing.done():
                self.take_updates()
                wait([pressing], timeout=0.5)
        return pressing.result()

    def replay(self, updates: Iterable[dict[str, Any]]) -> None:
        """Delivers updates to the intake as they are, as a webhook's repeats would."""
        telegram.wait_for(_replay(self.served, list(updates)))


class Scene(Listening):
    """One owner with a bot that may post in one public channel."""

    def __init__(self, control: Control, user: User) -> None:
        self.control = control
        self.user = user
        made = control.ask("POST", "/bots", username=f"bot{user.pk}_{id(self)}_bot", first_name="Bot")
        self.bot_id, self.token = int(made["id"]), str(made["token"])
        self.author = control.person("Owner")
        about = {"title": "News", "username": f"news{user.pk}_{id(self)}", "owner_id": self.author}
        self.channel = int(control.ask("POST", "/channels", **about)["id"])
        control.ask("PUT", f"/channels/{self.channel}/administrators/{self.bot_id}")
        self.bot = self.connect()
        self.binding = self.bind(self.channel)

    def connect(self) -> Bot:
        identity = telegram.wait_for(gateway.prove(telegram.shared(), self.token))
        row, _ = bots.connect_bot(
            account_id=self.user.account_id, token=self.token, identity=identity, by=OWNER
        )
        return row

    def bind(self, channel: int) -> Binding:
        job = channels.request_binding(
            account_id=self.user.account_id, channel=str(channel), by=OWNER, bot_id=self.bot.pk
        )
        facts, _ = telegram.wait_for(gateway.get_channel(telegram.shared(), self.token, channel))
        assert facts is not None
        job.status = job.Status.SUCCESS
        job.save()
        return channels.bind(binding_id=job.arguments["binding_id"], channel=facts, may_post=True, reason="")

    # --- the life of a giveaway -------------------------------------------------------------------
    def draft(self, **fields: Any) -> Giveaway:
        values = {"title": "A bag of coffee", "main_body": "Press the button to take part.", **fields}
        return write.create(account_id=self.user.account_id, by=OWNER, fields=values)

    def published(self, **fields: Any) -> Giveaway:
        """A giveaway that runs."""
        giveaway = life.publish(giveaway_id=self.draft(**fields).pk, by=OWNER)
        giveaway_tasks.post_waiting()
        giveaway.refresh_from_db()
        return giveaway

    def finished(self, giveaway: Giveaway) -> Giveaway:
        """Closes it and does all the work that follows: draw, results, conclusion."""
        life.finish(giveaway_id=giveaway.pk, by=OWNER)
        self.work()
        giveaway.refresh_from_db()
        return giveaway

    def work(self) -> None:
        """One round of every task the clock would run."""
        giveaway_tasks.post_waiting()
        participant_tasks.draw_waiting()
        giveaway_tasks.conclude_waiting()
        pump()

    # --- people --------------------------------------------------------------------------------------
    def subscriber(self, name: str = "Ann", **about: Any) -> int:
        person = self.control.person(name, **about)
        self.control.subscribe(self.channel, person)
        return person

    def come(self, giveaway: Giveaway, person: int) -> str:
        """The person follows the post's button; the bot's last words."""
        self.control.start(person, self.bot_id, f"giveaway_{giveaway.pk}")
        self.take_updates()
        return self.last(person)

    def solve(self, person: int) -> str:
        """The person answers the bot's sum rightly."""
        left, right = map(int, re.findall(r"(\d+) \+ (\d+)", self.last(person))[0])
        return self.tell(person, str(left + right))

    def enter(self, giveaway: Giveaway, person: int) -> str:
        """All the way in for somebody who may; a captcha is solved when it is asked."""
        said = self.come(giveaway, person)
        return self.solve(person) if "= ?" in said else said

    def enrolled(self, giveaway: Giveaway, count: int, *, told: bool = True) -> list[int]:
        """Subscribers who are in, by the services alone; `told`: they started the bot, so it may write to them."""
        people = self.control.people(count)
        self.control.subscribe(self.channel, *people)
        for person in people:
            if told:
                self.control.start(person, self.bot_id)
            self.admit(giveaway, person)
        return people

    def admit(self, giveaway: Giveaway, person: int) -> Step:
        """Lets a person in whose captcha and subscription are in order."""
        row = know(Visitor(person, "P", "", "en"))
        Person.objects.filter(pk=row.pk).update(captcha_passed_at=timezone.now())
        return enter.join(giveaway_id=giveaway.pk, person_id=row.pk)

    def tell(self, person: int, text: str) -> str:
        self.control.say(person, self.bot_id, text)
        self.take_updates()
        return self.last(person)

    def press(self, person: int, button: str) -> str:
        """Presses a button under the bot's last message; the bot's last words then."""
        return self.press_under(person, self.control.chat(person, self.bot_id)[-1], button)

    def press_under(self, person: int, pressed: dict[str, Any], button: str) -> str:
        """Presses a button under any message, an old one too; the bot's last words then."""
        message = pressed["message_id"]
        press = self.take_during(lambda: self.control.press(person, person, message, button))
        assert press["answer"], "the button spins on"
        return self.last(person)

    def last(self, person: int) -> str:
        return str(self.control.chat(person, self.bot_id)[-1].get("text", ""))

    def heard(self, person: int) -> list[str]:
        """Everything the bot ever told the person."""
        chat = self.control.chat(person, self.bot_id)
        return [message.get("text", "") for message in chat if message["from"]["id"] == self.bot_id]


async def _intake() -> Intake:
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=10)
    return Intake(telegram=telegram.shared(), dispatcher=one_dispatcher(), redis=redis)


async def _take_updates(served: Served, offset: int | None) -> list[Update]:
    intake = await _intake()
    get = methods.GetUpdates(offset=offset, timeout=0, allowed_updates=ALLOWED_UPDATES, limit=MOST_UPDATES)
    answer = await intake.telegram.call(served.token, get)
    for update in answer.result or []:
        if await intake.turns.begin(served.id, update.update_id) is not Turn.DONE:
            await intake.take(served, update)
            await intake.turns.done(served.id, update.update_id)
    await intake.redis.aclose()
    return list(answer.result or [])


async def _replay(served: Served, updates: list[dict[str, Any]]) -> None:
    intake = await _intake()
    for raw in updates:
        update = Update.model_validate(raw)
        if await intake.turns.begin(served.id, update.update_id) is Turn.MINE:
            await intake.take(served, update)
            await intake.turns.done(served.id, update.update_id)
    await intake.redis.aclose()


def close_pool_connections() -> None:
    """Closes what the process keeps open for good: the session to Telegram, and the database connections of
    the update process's threads, so that the test database can go."""
    telegram.wait_for(telegram.shared().close())
    workers = settings.BOTS_THREADS
    together = threading.Barrier(workers)

    def close() -> None:
        together.wait(timeout=10)
        connections.close_all()

    for done in [database._pool.submit(close) for _ in range(workers)]:
        done.result(timeout=20)
