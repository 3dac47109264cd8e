"""A real browser and the live platform: every process, and a channel whose owner speaks to the API."""

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, sync_playwright

from sandbox.client import JSON, Api, Control, until
from tests.faults.processes import PATIENCE_SECONDS, Platform, apps, platform, pytest_runtest_makereport

__all__ = ["apps", "platform", "pytest_runtest_makereport"]

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-default-browser-check",
]
POST = "🎯 Participate"


@dataclass
class Stage:
    """An owner with a bot and a channel; what happens there is asked of the API and of Telegram."""

    platform: Platform
    api: Api
    control: Control
    bot: JSON
    channel_id: int
    channel_title: str

    def published(self, title: str) -> JSON:
        draft = self.api.create_giveaway(
            title=title,
            main_body="Press the button and tell the bot that you are human.\n\nGood luck! ☕",
            channel_id=self.channel_id,
        )
        return self.api.publish(draft["id"])

    def finish(self, giveaway: JSON) -> JSON:
        """Closes it and gives it back with its draw done."""
        self.api.post(f"/api/giveaways/{giveaway['id']}/finish")

        def finished() -> JSON | None:
            found = self.api.giveaway(giveaway["id"])
            return found if found["status"] == "finished" else None

        return until(finished, PATIENCE_SECONDS, "the draw")

    def told(self, person_id: int) -> list[str]:
        """Everything the bot said to the person, as Telegram has it."""
        chat = self.control.get(f"/sandbox/people/{person_id}/chats/{self.bot['id']}")
        return [note["text"] for note in chat if note["from"]["id"] == self.bot["id"]]


def chromium_path() -> str:
    """Where the machine's Chromium is; without one the test is skipped."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(f"no Chromium was found: none of {', '.join(CHROMIUMS)} is installed")
    return path


@pytest.fixture
def stage(platform: Platform) -> Stage:
    """Everything runs."""
    platform.start("sandbox", "web", "bots", "worker", "pump", "beat")
    api = Api(platform.web_url, "coffee_owner", secrets.token_urlsafe(18))
    api.register()
    control = Control(platform.sandbox_url)
    bot = control.make_bot("coffee_helper_bot", "Coffee helper")
    owner = control.make_person("Barista")
    title = "Coffee corner"
    channel_id = control.make_channel(title, "coffee_corner", owner, "One bag a week.")
    control.promote(channel_id, bot["id"])
    api.bind_channel(channel_id, api.connect_bot(bot["token"]))
    return Stage(platform, api, control, bot, channel_id, title)


@pytest.fixture
def chromium(platform: Platform) -> Iterator[Browser]:
    """After the platform, so that its event loop is over when the database is emptied."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
