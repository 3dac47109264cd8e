"""A person at the chat page, from the channel's post to their result, with every process alive behind it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect

from sandbox.client import JSON
from tests.browser.conftest import POST, Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE_MS = 30_000
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SUM = re.compile(r"(\d+) \+ (\d+) = \?")
CODE = re.compile(r"Your code: (\S+)")


class Visitor:
    """One person at the page; what they do is found by what it is called, as with a screen reader."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page = page
        self.pictures = pictures
        self.history = page.get_by_role("log", name="History")
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(f"{said.text} ({said.location})")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def key(self, text: str) -> None:
        """A button under the newest message that has it."""
        self.history.get_by_role("button", name=text, exact=True).last.click()

    def introduce(self, name: str) -> int:
        """Makes the person and returns their Telegram id."""
        self.page.get_by_label("New person's name").fill(name)
        self.press("Add")
        self.page.wait_for_url(re.compile(r"#/\d+$"))
        return int(self.page.url.rpartition("/")[2])

    def write(self, text: str) -> None:
        self.page.get_by_label("Message", exact=True).fill(text)
        self.press("Send")

    def sees(self, words: str | re.Pattern[str]) -> str:
        """Waits until a message says so; the newest such one."""
        message = self.history.get_by_role("article").filter(has_text=words).last
        expect(message).to_be_visible(timeout=PATIENCE_MS)
        return message.inner_text()

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"{name}.png")


@pytest.fixture
def visitor(request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path) -> Visitor:
    context = chromium.new_context(viewport=request.param, locale="en-GB", timezone_id="UTC")
    request.addfinalizer(context.close)
    return Visitor(context.new_page(), tmp_path)


@pytest.mark.parametrize("visitor", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_person_takes_part_wins_and_can_check_the_draw(
    stage: Stage, visitor: Visitor, request: pytest.FixtureRequest
) -> None:
    name = f"Mira {request.node.callspec.id}"
    giveaway = stage.published(f"A bag of coffee for {name}")

    person_id, code = enter(visitor, stage, name)
    stage.finish(giveaway)
    see_result(visitor, stage, giveaway)
    check_draw(visitor, stage, giveaway, code)

    told = stage.told(person_id)
    assert sum("you won" in text and "Check the draw" not in text for text in told) == 1, told
    assert visitor.complaints == []


def enter(visitor: Visitor, stage: Stage, name: str) -> tuple[int, str]:
    """From an empty page to being in; the person's id and their public code."""
    visitor.page.goto(stage.platform.sandbox_url)
    person_id = visitor.introduce(name)
    visitor.press(stage.channel_title)
    visitor.press("Join")
    visitor.sees(f"A bag of coffee for {name}")
    visitor.picture("1-channel")
    visitor.key(POST)
    left, right = map(int, SUM.findall(visitor.sees(SUM))[0])
    visitor.picture("2-question")
    visitor.write(str(left + right))
    (code,) = CODE.findall(visitor.sees(CODE))
    visitor.picture("3-entered")
    return person_id, code


def see_result(visitor: Visitor, stage: Stage, giveaway: JSON) -> None:
    """The bot writes by itself; the channel's conclusion leads to the same answer. Nothing is reloaded."""
    visitor.sees("you won")
    visitor.picture("4-told")
    if visitor.page.get_by_role("button", name="Back to chats").is_visible():
        visitor.press("Back to chats")
    visitor.press(stage.channel_title)
    visitor.sees(re.compile(r"Participants: 1\b"))
    expect(visitor.history.get_by_role("button", name=POST)).to_have_count(0, timeout=PATIENCE_MS)
    visitor.picture("5-conclusion")
    visitor.key("🏆 VIEW RESULTS")
    visitor.sees(f"/draws/{giveaway['public_id']}")
    visitor.picture("6-result")


def check_draw(visitor: Visitor, stage: Stage, giveaway: JSON, code: str) -> None:
    """The public page shows the person's code among the winners."""
    visitor.page.goto(f"{stage.platform.web_url}/draws/{giveaway['public_id']}/")
    winners = visitor.page.locator("section", has=visitor.page.get_by_role("heading", name="Winners"))
    expect(winners.get_by_text(code)).to_be_visible()
    visitor.picture("7-draw")
