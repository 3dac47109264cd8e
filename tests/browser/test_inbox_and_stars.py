"""The chat page as till and inbox: an invoice is paid with a press, and mail and SMS are read as they come."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from sandbox.inbox import SMS_KEY
from sandbox.server import running_sandbox
from tests.browser.conftest import QUIET, chromium_path
from tests.sandbox.conftest import ActingBot, Stage

pytestmark = pytest.mark.browser
PRICES = [{"label": "Stars", "amount": 500}]


@pytest.fixture
def director() -> Iterator[Stage]:
    with running_sandbox() as url:
        directing = Stage(url)
        yield directing
        directing.close()


@pytest.fixture
def window() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
        opened = browser.new_page()
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        assert complaints == []
        browser.close()


def agree(url: str, bot: ActingBot) -> None:
    """What the bot does meanwhile."""
    with httpx.Client(base_url=url, timeout=30) as http:
        poll = {"timeout": 20, "offset": bot._offset}
        asked = http.post(f"/bot{bot.token}/getUpdates", json=poll).json()["result"]
        query = asked[-1]["pre_checkout_query"]["id"]
        http.post(
            f"/bot{bot.token}/answerPreCheckoutQuery", json={"pre_checkout_query_id": query, "ok": True}
        )


def test_an_invoice_is_paid_with_a_press_and_a_confirmation(director: Stage, window: Page) -> None:
    bot, ann = director.bot(), director.person()
    director.start(ann, bot)
    bot.updates()
    about = {"title": "Balance +10.00", "description": "500 Stars", "payload": "x", "currency": "XTR"}
    bot.call("sendInvoice", chat_id=ann, prices=PRICES, **about)
    window.goto(f"{director.url}/#/{ann}/{bot.id}")
    window.get_by_role("button", name="Pay ⭐️500").click()
    meanwhile = threading.Thread(target=agree, args=(director.url, bot))
    meanwhile.start()
    window.get_by_role("dialog").get_by_role("button", name="Pay ⭐ 500").click()
    expect(window.get_by_role("log", name="History").get_by_text("Paid ⭐ 500")).to_be_visible()
    meanwhile.join()
    window.get_by_role("button", name="Pay ⭐️500").click()
    window.get_by_role("dialog").get_by_role("button", name="Pay ⭐ 500").click()
    expect(window.get_by_text("This invoice is paid.")).to_be_visible()


def test_the_inbox_shows_what_comes_and_finds_it(director: Stage, window: Page) -> None:
    def sms(text: str) -> None:
        body = {"to": "+4915112345678", "text": text}
        director.http.post(
            "/sms", json=body, headers={"Authorization": f"Bearer {SMS_KEY}"}
        ).raise_for_status()

    window.goto(f"{director.url}/#/inbox")
    inbox = window.get_by_role("dialog", name="Inbox")
    expect(inbox.get_by_text("Nothing was sent yet")).to_be_visible()
    sms("<b>Fast internet</b> is on")
    sms("Sports is on")
    expect(inbox.get_by_role("article")).to_have_count(2)
    expect(inbox.get_by_text("<b>Fast internet</b> is on")).to_be_visible()
    inbox.get_by_label("Search the inbox").fill("sports")
    expect(inbox.get_by_role("article")).to_have_count(1)
    inbox.get_by_role("button", name="Close the inbox").click()
    expect(inbox).not_to_be_visible()
    sms("Movies is on")
    expect(window.locator("#people .inbox-toggle[data-news]")).to_be_visible()
