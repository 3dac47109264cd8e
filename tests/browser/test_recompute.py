"""The draw's page recomputes everything in the reader's browser: green when honest, and every tampering by its name."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from playwright.sync_api import Page, Route, ViewportSize, expect, sync_playwright

from giveaways.tasks import conclude_waiting
from participants import tasks
from participants.models import Draw, Entry, Person, Place
from participants.services import places
from sandbox import drand
from tests.browser.conftest import QUIET, chromium_path
from tests.participants.public import DELAY, waiting, with_relays
from tests.scene import OWNER, Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
NAMES = ["Ann", "Борис", "Clara", "Denis", "Ewa", "Félix", "Gala", "Hugo", "Inna"]
PATIENCE_MS = 15_000


@dataclass
class Published:
    """A finished public draw behind a live server, and its two files."""

    url: str
    proof: dict[str, Any]
    lines: list[bytes]


@pytest.fixture
def published(scene: Scene, settings: Any, live_server: Any) -> Published:
    """By a recorded round of quicknet; one place was passed over at the draw and one replaced afterwards."""
    with_relays(settings, scene, quicknet=True)
    with time_machine.travel(datetime.fromtimestamp(1692806302, UTC), tick=False) as clock:
        giveaway = waiting(
            scene, len(NAMES), winner_count=3, claim_hours=48, title="A month of coffee for three"
        )
        name_people()
        clock.shift(DELAY + 5)
        tasks.draw_waiting()
        conclude_waiting()
        clock.shift(3600)
        first = Place.objects.filter(verdict="winner").order_by("rank")[0].entry
        places.claim(result_token=giveaway.result_token, telegram_id=last_winner(), bot_id=scene.bot.pk)
        about = {"giveaway_id": giveaway.pk, "telegram_id": first.person.telegram_id, "by": OWNER}
        places.replace(**about, reason="ineligible", note="Works for the organiser")
        tasks.promote_waiting()
    url = f"{live_server.url}/draws/{giveaway.public_id}/"
    proof = httpx.get(f"{url}proof.json").json()
    lines = httpx.get(f"{url}entries.txt").content.splitlines(keepends=True)
    return Published(url, proof, lines)


def name_people() -> None:
    for person, name in zip(Person.objects.order_by("pk"), NAMES, strict=True):
        Person.objects.filter(pk=person.pk).update(first_name=name)


def last_winner() -> int:
    return Place.objects.filter(verdict="winner").order_by("-rank")[0].entry.person.telegram_id


@dataclass
class Reader:
    """A browser in a thread of its own, where its event loop disturbs nobody."""

    thread: ThreadPoolExecutor
    page: Page
    complaints: list[str]

    def do(self, act: Callable[[Page], Any]) -> Any:
        return self.thread.submit(act, self.page).result(timeout=120)


@pytest.fixture
def reader(published: Published) -> Iterator[Callable[..., Reader]]:
    """`reader(viewport, locale, scheme)` opens the draw's page."""
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        path = chromium_path()
        browser = thread.submit(lambda: playwright.chromium.launch(executable_path=path, args=QUIET)).result()

        def open_page(viewport: ViewportSize = PHONE, locale: str = "en-GB", scheme: Any = "light") -> Reader:
            complaints: list[str] = []

            def opened() -> Page:
                context = browser.new_context(viewport=viewport, locale=locale, color_scheme=scheme)
                page = context.new_page()
                page.set_default_timeout(PATIENCE_MS)
                page.on("pageerror", lambda error: complaints.append(str(error)))
                page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
                return page

            return Reader(thread, thread.submit(opened).result(), complaints)

        yield open_page
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


def recompute(page: Page, url: str, posted: str = "") -> str:
    """Presses the button and waits for the verdict."""
    page.goto(url)
    if posted:
        page.locator("#posted").fill(posted)
    page.locator("#recompute").click()
    expect(page.locator("#verdict")).to_be_visible(timeout=PATIENCE_MS)
    return page.locator("#verdict").inner_text()


@pytest.mark.parametrize(
    ("viewport", "locale", "scheme", "said"),
    [
        (PHONE, "en-GB", "light", "✔ Verified on this device: 9 entries"),
        (DESKTOP, "ru-RU", "dark", "✔ Проверено на этом устройстве: записей 9"),
    ],
    ids=["phone", "desktop"],
)
def test_an_honest_draw_is_green(
    published: Published, reader: Any, tmp_path: Path, viewport: Any, locale: str, scheme: str, said: str
) -> None:
    opened = reader(viewport, locale, scheme)
    posted = published.proof["close"].split("open_sha256=")[1].split("\n")[0]
    assert opened.do(lambda page: recompute(page, published.url, posted)).startswith(said)
    assert opened.do(lambda page: page.locator("#steps li").count()) == 6
    opened.do(lambda page: page.screenshot(path=tmp_path / f"draw-{locale}.png", full_page=True))
    wide = opened.do(lambda page: page.evaluate("document.documentElement.scrollWidth > innerWidth"))
    assert (opened.complaints, wide) == ([], False)


def swap_winners(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["winners"].reverse()


def put_a_friend_in(proof: dict[str, Any], lines: list[bytes]) -> None:
    friends = [line[:32].decode() for line in lines]
    known = {*proof["winners"], *proof["skipped"]}
    proof["winners"][0] = next(code for code in reversed(friends) if code not in known)


def remove_a_skip(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["skipped"].clear()


def use_another_round(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["round"] += 1


def use_another_signature(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["signature"] = drand.RECORDED[657413]


def use_another_seed(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["seed"] = "00" * 32


def edit_the_opening(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["open"] = proof["open"].replace("winners=3", "winners=4")


def drop_an_entry(proof: dict[str, Any], lines: list[bytes]) -> None:
    del lines[4]


def change_a_weight(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["close"] = proof["close"].replace("tickets=9", "tickets=8")


def unsort_the_list(proof: dict[str, Any], lines: list[bytes]) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def break_the_chain(proof: dict[str, Any], lines: list[bytes]) -> None:
    proof["skips"][0] = proof["skips"][0].replace("rank=1", "rank=2")


TAMPERINGS: list[tuple[Callable[[dict[str, Any], list[bytes]], None], str]] = [
    (swap_winners, "winners swapped"),
    (put_a_friend_in, "winners swapped"),
    (remove_a_skip, "a skip is missing"),
    (use_another_round, "another round: round 1000 was promised, the proof uses 1001"),
    (use_another_signature, "another signature"),
    (use_another_seed, "another seed"),
    (edit_the_opening, "opening record edited"),
    (drop_an_entry, "entries were dropped: 8 listed, 9 sealed"),
    (change_a_weight, "a weight was changed: 9 tickets, 8 sealed"),
    (unsort_the_list, "the list is unsorted at line 5"),
    (break_the_chain, "skip row 1 names another place"),
]


def test_every_tampering_is_refused_by_its_name(published: Published, reader: Any) -> None:
    opened, heard = reader(), {}
    for tamper, _ in TAMPERINGS:
        proof, lines = json.loads(json.dumps(published.proof)), list(published.lines)
        tamper(proof, lines)
        heard[tamper.__name__] = opened.do(
            lambda page, proof=proof, lines=lines: tampered(page, published.url, proof, lines)
        )
    wrong = {
        tamper.__name__: heard[tamper.__name__]
        for tamper, message in TAMPERINGS
        if not heard[tamper.__name__].startswith(f"✘ Refused: {message}")
    }
    assert wrong == {}


def tampered(page: Page, url: str, proof: dict[str, Any], lines: list[bytes]) -> str:
    """The verdict when the server gives other files than it published."""

    def give_proof(route: Route) -> None:
        route.fulfill(json=proof)

    def give_entries(route: Route) -> None:
        route.fulfill(body=b"".join(lines), content_type="text/plain")

    page.route("**/proof.json", give_proof)
    page.route("**/entries.txt", give_entries)
    try:
        return recompute(page, url)
    finally:
        page.unroute("**/proof.json")
        page.unroute("**/entries.txt")


def test_an_invented_draw_fails_against_the_hash_from_the_channel(published: Published, reader: Any) -> None:
    said = reader().do(lambda page: recompute(page, published.url, "0" * 64))
    assert said == "✘ Refused: the hash posted in the channel is of another record."


def test_a_code_is_found_with_what_became_of_it(published: Published, reader: Any) -> None:
    winner = Place.objects.filter(verdict="winner").order_by("rank")[0].entry.code
    skipped = Place.objects.filter(verdict="skipped", reason="ineligible").get().entry.code
    loser = Entry.objects.exclude(pk__in=Place.objects.exclude(verdict="pending").values("entry")).first()
    assert loser

    def ask(page: Page, code: str) -> str:
        page.goto(published.url)
        page.locator("input[name=code]").fill(code)
        page.get_by_role("button", name="Find").click()
        return page.locator("#found").inner_text()

    opened = reader()
    assert "🏆 It won." in opened.do(lambda page: ask(page, winner))
    assert "passed over: ineligible" in opened.do(lambda page: ask(page, skipped))
    assert "not drawn" in opened.do(lambda page: ask(page, loser.code))
    assert "not in the list" in opened.do(lambda page: ask(page, "a" * 32))
    assert Draw.objects.get().entries == 9
