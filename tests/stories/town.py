"""A town for the journeys: owners, people, a channel, a public page, and a platform that goes on by itself.

Owners use the HTTP API, people use Telegram (the sandbox, over HTTP), readers open public addresses. In between the
platform does what its processes would: it takes updates, runs the clock's tasks, delivers messages.
"""

import itertools
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape
from typing import Any

from rest_framework.test import APIClient

from bots import tasks as bot_tasks
from bots.models import Bot
from broadcasts.tasks import pump
from giveaways import tasks as giveaway_tasks
from participants import tasks as participant_tasks
from tests.scene import Control, Listening, later
from tests.stories.rooms import Desk

CLOCK: tuple[Callable[[], Any], ...] = (
    bot_tasks.run_waiting_jobs,
    giveaway_tasks.start_due,
    giveaway_tasks.post_waiting,
    giveaway_tasks.finish_due,
    participant_tasks.draw_waiting,
    participant_tasks.promote_waiting,
    giveaway_tasks.conclude_waiting,
    pump,
)


numbers = itertools.count(1)  # one Telegram serves all towns, and no name in it is taken twice


class Town:
    """Everybody there is, and what goes on while nobody looks."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.number = next(numbers)

    def owner(self, name: str) -> "Owner":
        return Owner(self, name)

    def person(self, name: str) -> "Person":
        return Person(self, name)

    def goes_on(self) -> None:
        """Two rounds of everything the clock runs: what the first one left to do, the second one does."""
        for task in CLOCK * 2:
            task()

    def after(self, **duration: float) -> AbstractContextManager[Any]:
        """`with town.after(hours=25):` lives in that future."""
        return later(**duration)

    def reads(self, link: str, **asked: str) -> str:
        """What a stranger reads at a public address, without markup."""
        answer = APIClient().get(link.removeprefix("http://testserver"), asked)
        assert answer.status_code == 200
        words = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
        return " ".join(unescape(words).split())


class OwnersBot(Listening):
    """A bot that was made at Telegram; once it is connected the platform listens to it."""

    def __init__(self, town: Town, username: str) -> None:
        made = town.control.ask("POST", "/bots", username=username, first_name="Bot")
        self.id, self.token, self.username = int(made["id"]), str(made["token"]), username

    def listen(self, row_id: int) -> None:
        self.bot = Bot.objects.get(pk=row_id)


class Channel:
    """A public channel as its readers see it."""

    def __init__(self, town: Town, title: str, username: str, owner: int) -> None:
        self.town, self.title, self.username = town, title, username
        about = {"title": title, "username": username, "owner_id": owner}
        self.id = int(town.control.ask("POST", "/channels", **about)["id"])

    @property
    def posts(self) -> list[str]:
        return [post["text"] for post in self.town.control.posts(self.id)]

    def newest(self, button: str) -> int:
        """The newest post under which this button stands."""
        posts = self.town.control.posts(self.id)
        return next(int(post["message_id"]) for post in reversed(posts) if button in str(post))


class Owner:
    """Somebody with a channel and an HTTP client."""

    def __init__(self, town: Town, name: str) -> None:
        self.town, self.username = town, f"{name.lower()}{town.number}"
        self.telegram_id = town.control.person(name)
        self.desk = Desk()

    def opens_a_channel(self, title: str) -> Channel:
        return Channel(self.town, title, f"{title.lower()}_{self.username}", self.telegram_id)

    def makes_a_bot(self) -> OwnersBot:
        return OwnersBot(self.town, f"{self.username}s_bot")

    def makes_it_an_administrator(self, bot: OwnersBot, channel: Channel) -> None:
        self.town.control.ask("PUT", f"/channels/{channel.id}/administrators/{bot.id}")

    def registers(self) -> None:
        self.desk.log_in(self.username)

    def connects(self, bot: OwnersBot) -> None:
        bot.listen(self.desk.ask("post", "/bots/", {"token": bot.token})["data"]["id"])

    def adds(self, channel: Channel) -> str:
        """What the task says in the end."""
        task = self.desk.ask("post", "/channels/", {"channel": f"@{channel.username}"})["task_id"]
        self.town.goes_on()
        return str(self.desk.ask("get", f"/tasks/{task}")["task_result"]["message"])

    def writes(self, bot: OwnersBot, channel: Channel, **fields: Any) -> "Prize":
        """A draft."""
        body = {"main_body": "Press the button below.", **fields}
        made = self.desk.ask("post", "/api/giveaways/create", body)["giveaway"]
        return Prize(self, bot, channel, made["id"])

    def gives_away(self, title: str, **fields: Any) -> "Prize":
        """All of the owner's own journey up to the running giveaway, for stories about others."""
        channel, bot = self.opens_a_channel("Tea"), self.makes_a_bot()
        self.registers()
        self.connects(bot)
        self.makes_it_an_administrator(bot, channel)
        self.adds(channel)
        prize = self.writes(bot, channel, title=title, **fields)
        prize.is_published()
        return prize


class Prize:
    """One giveaway as its owner handles it."""

    def __init__(self, owner: Owner, bot: OwnersBot, channel: Channel, number: int) -> None:
        self.town, self.desk = owner.town, owner.desk
        self.bot, self.channel = bot, channel
        self.path = f"/api/giveaways/{number}"

    def is_published(self) -> None:
        self.desk.ask("post", f"{self.path}/publish")
        self.town.goes_on()

    def says_to_winners(self, words: str) -> None:
        self.desk.ask("put", f"{self.path}/finish-messages", {"winner_message": words})

    def is_finished(self) -> None:
        self.desk.ask("post", f"{self.path}/finish")
        self.town.goes_on()

    @property
    def obstacles(self) -> list[str]:
        """What stands in the way of publishing."""
        return [problem["code"] for problem in self.desk.ask("get", f"{self.path}/validate")["problems"]]

    @property
    def status(self) -> str:
        return str(self.desk.ask("get", self.path)["giveaway"]["status"])

    @property
    def numbers(self) -> dict[str, Any]:
        return dict(self.desk.ask("get", f"{self.path}/stats")["stats"])

    @property
    def history(self) -> list[str]:
        """What was done with it, the first first."""
        return [row["verb"] for row in self.desk.ask("get", f"{self.path}/logs")["results"]][::-1]

    @property
    def page(self) -> str:
        """The address of its public page."""
        return str(self.desk.ask("get", self.path)["giveaway"]["draw_url"])


class Person:
    """Somebody with Telegram on their phone."""

    def __init__(self, town: Town, name: str) -> None:
        self.town, self.name = town, name
        self.id = town.control.person(name)

    def subscribes_to(self, channel: Channel) -> "Person":
        self.town.control.subscribe(channel.id, self.id)
        return self

    def leaves(self, channel: Channel) -> None:
        self.town.control.leave(channel.id, self.id)

    def presses(self, button: str, prize: Prize) -> str:
        """A button under the newest post that has it; the bot's last words then."""
        self.town.control.press(self.id, prize.channel.id, prize.channel.newest(button), button)
        return self._listened(prize)

    def presses_in_the_chat(self, button: str, prize: Prize) -> str:
        """A button under the bot's last message; the bot's last words then."""
        message = self.town.control.chat(self.id, prize.bot.id)[-1]["message_id"]
        asked = prize.bot.take_during(lambda: self.town.control.press(self.id, self.id, message, button))
        return self._listened(prize) if "started" in asked else self.last_words(prize)

    def says(self, words: str, prize: Prize) -> str:
        self.town.control.say(self.id, prize.bot.id, words)
        return self._listened(prize)

    def solves_the_sum(self, prize: Prize) -> str:
        left, right = map(int, re.findall(r"(\d+) \+ (\d+)", self.last_words(prize))[0])
        return self.says(str(left + right), prize)

    def enters(self, prize: Prize) -> str:
        """All the way in, for somebody who has answered no question yet."""
        self.presses("🎯 Participate", prize)
        return self.solves_the_sum(prize)

    def blocks(self, bot: OwnersBot) -> None:
        self.town.control.block(self.id, bot.id)
        bot.take_updates()

    def starts(self, bot: OwnersBot) -> None:
        """Unblocks it, if need be, and presses Start."""
        self.town.control.ask("DELETE", f"/people/{self.id}/block/{bot.id}")
        self.town.control.start(self.id, bot.id)
        bot.take_updates()

    def last_words(self, prize: Prize) -> str:
        return self.heard(prize)[-1]

    def heard(self, prize: Prize) -> list[str]:
        """Everything the bot ever told this person."""
        chat = self.town.control.chat(self.id, prize.bot.id)
        return [message["text"] for message in chat if message["from"]["id"] == prize.bot.id]

    def code(self, prize: Prize) -> str:
        """The code the bot gave when this person entered."""
        return str(re.findall(r"Your code: (\w+)", " ".join(self.heard(prize)))[0])

    def _listened(self, prize: Prize) -> str:
        prize.bot.take_updates()
        return self.last_words(prize)
