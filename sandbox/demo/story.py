"""The story of one giveaway, acted over HTTP alone: by its owner at the API, by the people at the control API."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.client import JSON, Api, Client, Control, TookTooLong, until
from sandbox.demo import checks, proof, texts
from sandbox.demo.facts import Before, Cast, Facts, Scene, Times
from sandbox.demo.options import Options
from sandbox.demo.screen import Screen

LOOK_SECONDS = 0.4
STALLED_SECONDS = 60.0


class Story:
    """Each step takes what the one before it gave; `times` fills up on the way."""

    def __init__(self, options: Options, urls: tuple[str, str], screen: Screen) -> None:
        self.options = options
        self.screen = screen
        self.tag = secrets.token_hex(3)
        web_url, control_url = urls
        self.web = Client(web_url)
        self.api = Api(web_url, f"demo_{self.tag}", secrets.token_urlsafe(18))
        self.control = Control(control_url)
        self.times = Times()

    def play(self, directory: Path) -> Facts:
        """From an empty account to a checked draw; the proof's files are left in `directory`."""
        scene = self.publish(*self.prepare())
        with self.screen.bars():
            cast = self.let_people_come(scene)
            before, count, entered = self.look_before(scene)
            finished = self.finish(scene)
            stats = self.let_deliver(scene)
        posts = self.wait_for_channel(scene)
        with self.timed("check"):
            proof.download(self.web, finished["public_id"], directory)
            checked = proof.check(directory)
            accepted = self.control.accepted(scene.bot_id)
        return Facts(
            self.options,
            scene,
            cast,
            before,
            count,
            entered,
            finished,
            stats,
            accepted,
            posts,
            checked,
            self.times,
        )

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        setattr(self.times, phase, time.monotonic() - begun)

    def prepare(self) -> tuple[JSON, int, str]:
        """A new account, with a bot that may post in a new channel."""
        with self.timed("prepare"):
            self.api.register()
            bot = self.control.make_bot(f"lighthouse_{self.tag}_bot", "Lighthouse")
            title = f"Lighthouse {self.tag}"
            keeper = self.control.make_person("Keeper")
            channel_id = self.control.make_channel(title, f"lighthouse_{self.tag}", keeper, texts.BODY)
            self.control.promote(channel_id, bot["id"])
            self.api.bind_channel(channel_id, self.api.connect_bot(bot["token"]))
        return bot, channel_id, title

    def publish(self, bot: JSON, channel_id: int, title: str) -> Scene:
        draft = self.api.create_giveaway(
            title=texts.title(self.tag),
            main_body=texts.BODY,
            winner_count=self.options.winners,
            channel_id=channel_id,
        )
        with self.timed("publish"):
            giveaway = self.api.publish(draft["id"])
        scene = Scene(self.tag, bot["id"], channel_id, title, giveaway)
        self.screen.published(scene, self.control.url)
        return scene

    def let_people_come(self, scene: Scene) -> Cast:
        """Everybody follows the post's button; over when the eligible ones are in and nobody waits for a reply."""
        hasty, outside = self.options.fail_captcha, self.options.not_subscribed
        begun = time.monotonic()
        crowds = [
            self.crowd(scene, self.options.eligible - hasty, "Guest", "solve"),
            self.crowd(scene, hasty, "Hasty", "fail_then_solve"),
            self.crowd(scene, outside, "Passer-by", "solve", subscribe=False),
        ]
        self.watch_coming(scene, [crowd["crowd_id"] for crowd in crowds if crowd["people"]])
        self.times.joins = time.monotonic() - begun
        patient, quick, strangers = (frozenset(crowd["people"]) for crowd in crowds)
        return Cast(eligible=patient | quick, hasty=quick, unsubscribed=strangers)

    def crowd(self, scene: Scene, count: int, name: str, captcha: str, *, subscribe: bool = True) -> JSON:
        if not count:
            return {"crowd_id": 0, "people": []}
        about = {
            "channel_id": scene.channel_id,
            "post_id": scene.giveaway["message_id"],
            "count": count,
            "first_name": name,
            "captcha": captcha,
            "subscribe": subscribe,
            "over_seconds": self.options.over_seconds,
        }
        gathered: JSON = self.control.post("/sandbox/crowd", about)
        return gathered

    def watch_coming(self, scene: Scene, crowd_ids: list[int]) -> None:
        people, eligible = self.options.people, self.options.eligible
        coming = self.screen.bar("People come", people)
        captcha = self.screen.bar("Captcha answered", people)
        inside = self.screen.bar("Entered", eligible)

        def look() -> tuple[int, ...]:
            crowds = [self.control.get(f"/sandbox/crowd/{crowd_id}") for crowd_id in crowd_ids]
            started, answered = (sum(crowd[name] for crowd in crowds) for name in ("started", "answered"))
            count = self.count(scene)
            coming(started)
            captcha(answered)
            inside(count)
            return all(crowd["done"] for crowd in crowds) and count >= eligible, started, answered, count

        calm = STALLED_SECONDS + 2 * self.options.over_seconds / people
        watch(look, calm, f"{eligible} people to enter")

    def count(self, scene: Scene) -> int:
        return int(self.api.get(f"/api/participants/count/{scene.giveaway['id']}")["count"])

    def look_before(self, scene: Scene) -> tuple[Before, int, list[int]]:
        """What the owner sees, and what a stranger sees, just before the end."""
        giveaway = scene.giveaway
        before = Before(
            by_token=self.web.get(f"/api/giveaways/by-token/{giveaway['result_token']}")["giveaway"],
            proof_status=proof.status_of(self.web, f"/draws/{giveaway['public_id']}/proof.json"),
        )
        rows = self.api.pages(f"/api/participants/list/{giveaway['id']}")
        return before, self.count(scene), [int(row["user_id"]) for row in rows]

    def finish(self, scene: Scene) -> JSON:
        """Writes the three last messages, closes the giveaway and waits for the draw."""
        path = f"/api/giveaways/{scene.giveaway['id']}"
        messages = {
            "public_conclusion_message": texts.conclusion(self.tag),
            "winner_message": texts.winner(self.tag),
            "loser_message": texts.loser(self.tag),
        }
        self.api.put(f"{path}/finish-messages", messages)

        def finished() -> JSON | None:
            giveaway = self.api.giveaway(scene.giveaway["id"])
            return giveaway if giveaway["status"] == "finished" else None

        with self.timed("finish"):
            self.api.post(f"{path}/finish")
            return until(finished, 120, "the draw")

    def let_deliver(self, scene: Scene) -> JSON:
        told = self.screen.bar("Told the result", self.options.eligible)
        latest: JSON = {}

        def look() -> tuple[int, ...]:
            latest.update(self.api.get(f"/api/giveaways/{scene.giveaway['id']}/stats")["stats"])
            told(latest["messages_delivered"])
            over = latest["messages_pending"] == 0 and latest["messages_total"] > 0
            return over, latest["messages_pending"], latest["messages_total"]

        with self.timed("delivery"):
            watch(look, STALLED_SECONDS, "the result to reach everybody")
        return latest

    def wait_for_channel(self, scene: Scene) -> list[JSON]:
        """The posts once the conclusion stands and the announcement lost its button, or as they are after a while."""

        def settled() -> bool:
            posts = self.control.posts(scene.channel_id)
            first = next((one for one in posts if one["message_id"] == scene.giveaway["message_id"]), {})
            return bool(checks.conclusions(posts, self.tag)) and not checks.buttons(first)

        try:
            until(settled, 20, "the conclusion")
        except TookTooLong:
            self.screen.note("The channel was not told of the end in 20 seconds.")
        return self.control.posts(scene.channel_id)


def watch(look: Callable[[], tuple[int, ...]], calm_seconds: float, what: str) -> None:
    """Looks until the first of the numbers is true. Raises TookTooLong when nothing moves any more."""
    seen: tuple[int, ...] = ()
    moved = time.monotonic()
    while not (numbers := look())[0]:
        if numbers != seen:
            seen, moved = numbers, time.monotonic()
        if time.monotonic() - moved > calm_seconds:
            raise TookTooLong(
                f"Nothing moved for {calm_seconds:g} seconds while waiting for {what}: {numbers[1:]}."
            )
        time.sleep(LOOK_SECONDS)
