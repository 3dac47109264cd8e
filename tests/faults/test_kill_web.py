"""The web process killed under its clients: whoever asks again finds it done, and done once."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

import httpx
import pytest

from accounts import sessions
from accounts.models import AuditEntry
from giveaways.models import Giveaway, Post, Status
from participants.models import Draw
from tests.faults.processes import PATIENCE_SECONDS, Platform, rounds
from tests.faults.stages import Stage, eventually, stages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
CLIENTS = 20
KILLS = 4
ASK_AGAIN_SECONDS = 0.05
DONE = (200, 202)


class Client:
    """An owner's program: asks until it is answered, as a person does who sees nothing happen."""

    def __init__(self, platform: Platform, stage: Stage) -> None:
        self.stage = stage
        self.giveaway = stage.draft()
        self.url = f"{platform.web_url}/api/giveaways/{self.giveaway.pk}"
        self.bearer = f"Bearer {sessions.open_session(stage.user).access}"
        self.unanswered = 0

    def insist(self, verb: str) -> None:
        """Asks for the verb twice over: the second answer must be as good as the first."""
        for _ in range(2):
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not self.asked(verb):
                assert time.monotonic() < deadline, verb
                self.unanswered += 1
                time.sleep(ASK_AGAIN_SECONDS)

    def asked(self, verb: str) -> bool:
        try:
            answer = httpx.post(
                f"{self.url}/{verb}", json={}, headers={"Authorization": self.bearer}, timeout=10
            )
        except httpx.TransportError:
            return False
        assert answer.status_code in DONE, answer.text
        return True


def under_fire(platform: Platform, clients: list[Client], verb: str) -> None:
    """Everybody asks at once, while gunicorn's workers and the whole of it are killed in turn."""
    with ThreadPoolExecutor(len(clients)) as pool:
        asking = [pool.submit(client.insist, verb) for client in clients]
        turn = 0
        while not is_over(asking) or turn < KILLS:
            time.sleep(platform.dice.uniform(0.05, 0.4))
            if turn < KILLS:
                kill(platform, turn)
            turn += 1
        for one in asking:
            one.result()


def is_over(asking: list[Future[None]]) -> bool:
    return not wait(asking, timeout=0).not_done


def kill(platform: Platform, turn: int) -> None:
    if turn % 2:
        platform.restart("web")
    else:
        platform.kill_child("web", which=platform.dice.randrange(2))


def test_clients_of_a_killed_web_process_get_everything_done_once(platform: Platform) -> None:
    platform.start("sandbox", "web", "worker", "beat")
    for _ in range(rounds(1)):
        play(platform)


def play(platform: Platform) -> None:
    clients = [Client(platform, stage) for stage in stages(platform, CLIENTS)]

    under_fire(platform, clients, "publish")
    eventually(lambda: count(clients, Status.ACTIVE) == CLIENTS, "all to run")
    under_fire(platform, clients, "finish")
    eventually(lambda: count(clients, Status.FINISHED) == CLIENTS, "all draws")
    eventually(lambda: not Post.objects.exclude(status="sent").exists(), "all posts")

    for client in clients:
        look_at(client)
    unanswered = sum(client.unanswered for client in clients)
    platform.note(f"{unanswered} requests were not answered")
    assert unanswered, "no kill met a request"


def count(clients: list[Client], status: Status) -> int:
    return Giveaway.objects.filter(pk__in=[one.giveaway.pk for one in clients], status=status).count()


def look_at(client: Client) -> None:
    """One announcement, one conclusion, one draw, and one line in the trail for each verb."""
    giveaway = Giveaway.objects.get(pk=client.giveaway.pk)
    posted = [post["message_id"] for post in client.stage.posts_with(giveaway.title)]
    assert posted == [giveaway.message_id, giveaway.conclusion_message_id]
    assert Draw.objects.filter(giveaway=giveaway).count() == 1
    trail = AuditEntry.objects.filter(account_id=giveaway.account_id).values_list("verb", flat=True)
    verbs = list(trail)
    for verb in ("publish", "announce", "finish", "close_draw", "settle_draw", "complete"):
        assert verbs.count(verb) == 1, (verb, verbs)
