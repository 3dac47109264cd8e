"""A person in the Mini App, from opening it to their code, with every process alive behind it."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from participants.captcha import PICTURES
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_person_takes_part_in_the_mini_app(stage: Stage, chromium: Browser, tmp_path: Path) -> None:
    giveaway = stage.published("A bag of coffee")
    person = stage.control.make_person("Mira")
    page = chromium.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(30_000)

    page.goto(f"{stage.platform.web_url}/join/")
    expect(page.get_by_role("status")).to_have_text(re.compile("Open this page from Telegram"))

    page.goto("about:blank")
    page.goto(f"{stage.platform.web_url}/join/#{opened_by(stage, person, giveaway['id'])}")
    expect(page.get_by_role("status")).to_contain_text("are you human?")
    page.screenshot(path=tmp_path / "1-sum.png")
    page.get_by_role("button", name="Choose a picture instead").click()
    expect(page.get_by_role("status")).to_contain_text("What is this?")
    page.screenshot(path=tmp_path / "2-picture.png")
    asked = page.get_by_role("status").inner_text()
    name = next(picture.en for picture in PICTURES.values() if picture.sign in asked)
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("press Start")  # Telegram tells nothing of strangers
    stage.control.post(f"/sandbox/people/{person}/start", {"bot": stage.bot["id"]})
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name=stage.channel_title)).to_be_visible()
    page.screenshot(path=tmp_path / "3-subscribe.png")
    stage.control.join(stage.channel_id, person)
    page.get_by_role("button", name="I have joined").click()
    expect(page.locator("dd").first).to_have_text(re.compile(r"^[a-z2-7]{32}$"))
    page.screenshot(path=tmp_path / "4-in.png")
    assert complaints == []


def opened_by(stage: Stage, person: int, giveaway_id: int) -> str:
    """What stands behind # when Telegram opens the page for this person."""
    path, payload = f"/sandbox/people/{person}/init-data", f"giveaway_{giveaway_id}"
    signed = stage.control.post(path, {"bot": stage.bot["id"], "payload": payload})["init_data"]
    return urlencode({"tgWebAppData": signed, "tgWebAppVersion": "8.0"})
