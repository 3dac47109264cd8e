"""A crowd: many people who subscribe, follow a post's button and play the bot's captcha."""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.control import captcha, people
from sandbox.control.requests import (
    Refused,
    answer,
    body_of,
    channel,
    number_in,
    seconds_in,
    telegram_of,
    text_in,
)
from sandbox.telegram import acts, membership
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, PRIVATE_BOX, Bot, Channel, Person

CAPTCHAS = ("solve", "fail", "fail_then_solve")
LARGEST = 100_000
MOST_ANSWERS = 30
QUIET_SECONDS = 0.5
ANSWER_DELAY_MS = (40, 260)


@dataclass(slots=True)
class Crowd:
    """`answers` counts what each person has answered; `busy` are those whom the bot still owes a reply."""

    channel: Channel
    bot: Bot
    payload: str
    captcha: str
    subscribe: bool
    people: list[Person]
    started: int = 0
    answers: dict[int, int] = field(default_factory=dict)
    busy: set[int] = field(default_factory=set)
    changed_at: float = 0.0

    def shape(self, now: float) -> JSON:
        everybody = self.started == len(self.people)
        return {
            "count": len(self.people),
            "started": self.started,
            "answered": len(self.answers),
            "finished": self.started - len(self.busy),
            "done": everybody and not self.busy and now - self.changed_at > QUIET_SECONDS,
        }


class Crowds:
    """All crowds since the start; they watch for the replies to their people."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._crowds: list[Crowd] = []
        self._of_person: dict[int, Crowd] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        telegram.world.watchers.append(self._watch)

    def begin(self, crowd: Crowd, over_seconds: float) -> int:
        self._crowds.append(crowd)
        self._of_person.update(dict.fromkeys((one.id for one in crowd.people), crowd))
        self._spawn(self._send_in(crowd, over_seconds))
        return len(self._crowds)

    def find(self, crowd_id: int) -> Crowd | None:
        return self._crowds[crowd_id - 1] if 1 <= crowd_id <= len(self._crowds) else None

    def forget(self) -> None:
        """Sends everybody home; the numbers of crowds go on."""
        for task in self._tasks:
            task.cancel()
        self._of_person.clear()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_in(self, crowd: Crowd, over_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number, one in enumerate(crowd.people):
            ahead = begun + over_seconds * number / len(crowd.people) - loop.time()
            # Even a crowd in no time gives way to everybody else's requests.
            await asyncio.sleep(max(0.0, ahead))
            if crowd.subscribe:
                membership.join(self._telegram, crowd.channel, one)
            crowd.started += 1
            self._act(crowd, one, f"/start {crowd.payload}".rstrip())

    def _act(self, crowd: Crowd, one: Person, words: str) -> None:
        crowd.busy.add(one.id)
        crowd.changed_at = asyncio.get_running_loop().time()
        acts.say(self._telegram, one, crowd.bot, words)
        self._telegram.world.journal.flush()

    def _watch(self, event: JSON) -> None:
        if event["kind"] not in {"message", "edit"} or not event.get("from_bot"):
            return
        crowd = self._of_person.get(event["person_id"])
        if crowd is None or event["bot_id"] != crowd.bot.id:
            return
        one = self._telegram.world.people[event["person_id"]]
        note = self._telegram.world.message(PRIVATE_BOX, event["message_id"])
        solution = captcha.solution(note.text) if note else None
        crowd.changed_at = asyncio.get_running_loop().time()
        if solution is None or crowd.answers.get(one.id, 0) >= MOST_ANSWERS:
            crowd.busy.discard(one.id)
        else:
            crowd.busy.add(one.id)
            self._spawn(self._reply(crowd, one, solution))

    async def _reply(self, crowd: Crowd, one: Person, solution: int) -> None:
        low, high = ANSWER_DELAY_MS
        await asyncio.sleep((low + secrets.randbelow(high - low)) / 1000)
        given = crowd.answers.get(one.id, 0)
        crowd.answers[one.id] = given + 1
        is_wrong = crowd.captcha == "fail" or (crowd.captcha == "fail_then_solve" and given == 0)
        dialog = self._telegram.world.dialog(crowd.bot.id, one.id)
        if dialog and not dialog.blocked and not one.deleted:
            self._act(crowd, one, str(solution + 1 if is_wrong else solution))


CROWDS = web.AppKey("crowds", Crowds)


async def gather(request: web.Request) -> web.Response:
    """Creates the people and lets them loose on the first deep link of the post."""
    telegram = telegram_of(request)
    body = await body_of(request)
    where = channel(telegram, body.get("channel_id"))
    post = telegram.world.message(where.id, number_in(body, "post_id"))
    link = acts.deep_link(telegram, post) if post else None
    if link is None:
        raise Refused("There is no such post with a button that starts a bot.", 404)
    played = text_in(body, "captcha", "solve")
    if played not in CAPTCHAS:
        raise Refused(f"'captcha' is one of {', '.join(CAPTCHAS)}.")
    over_seconds = seconds_in(body, "over_seconds", 0)
    count = number_in(body, "count", low=1, high=LARGEST)
    name = text_in(body, "first_name", "Guest")
    made = [people.make(telegram.world, f"{name} {number}") for number in range(1, count + 1)]
    crowd = Crowd(where, link[0], link[1], played, body.get("subscribe") is not False, made)
    crowd_id = request.app[CROWDS].begin(crowd, over_seconds)
    telegram.world.tell("world")
    return answer({"crowd_id": crowd_id, "people": [one.id for one in made]}, 202)


async def progress(request: web.Request) -> web.Response:
    asked = request.match_info["crowd"]
    crowd = request.app[CROWDS].find(int(asked)) if asked.isdigit() else None
    if crowd is None:
        raise Refused(f"There is no crowd {asked}.", 404)
    return answer(crowd.shape(asyncio.get_running_loop().time()))


ROUTES = [
    web.post("/sandbox/crowd", gather),
    web.get("/sandbox/crowd/{crowd}", progress),
]
