"""A token is shown nowhere: not in the database, in answers, on pages, in memory's words or in the log."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiogram import Dispatcher
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from bots import telegram
from bots.models import Bot
from bots.telegram import Telegram
from bots.updates.intake import Intake
from bots.updates.polling import Poller
from bots.updates.roster import served_of
from bots.updates.webhook import Webhooks
from config.logs import logging_config
from tests.bots.conftest import Made, revoke
from tests.scene import Control


def everything_stored() -> str:
    """Every row of every table, as text."""
    rows: list[Any] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT r::text FROM {connection.ops.quote_name(table)} r")
            rows += cursor.fetchall()
    return str(rows)


def secret_of(made: Made) -> str:
    return made.token.partition(":")[2]


def test_the_database_never_holds_it(client: APIClient, made: Made, control: Control) -> None:
    client.post("/bots/", {"token": made.token})
    stored = everything_stored()
    assert made.username in stored
    assert secret_of(made) not in stored
    renewed = revoke(control, made)
    client.patch(f"/bots/{Bot.objects.get().pk}", {"token": renewed.token})
    assert secret_of(renewed) not in everything_stored()


def test_no_answer_holds_it(client: APIClient, made: Made, control: Control) -> None:
    body = {"token": made.token}
    bot_id = client.post("/bots/", body).json()["data"]["id"]
    dead = {"token": f"{made.id}:AAdead_dead_dead_dead_dead_dead"}
    answers = [
        client.post("/bots/", body),
        client.post("/bots/", dead),
        client.post("/bots/", {**body, "alias": 5}),
        client.patch(f"/bots/{bot_id}", body),
        client.get(f"/bots/{bot_id}"),
        client.get("/bots/"),
    ]
    for answer in answers:
        assert secret_of(made) not in answer.content.decode()
        assert "AAdead" not in answer.content.decode()
    assert answers[4].json()["token"] == f"{made.id}:…"


def test_no_words_of_an_object_hold_it(connected: Bot, made: Made) -> None:
    served = served_of(connected)
    assert served.token == made.token
    assert secret_of(made) not in f"{connected!r} {connected} {served!r} {served}"


@pytest.mark.parametrize("search", ["", "?q=bot"])
def test_no_page_of_the_back_office_holds_it(connected: Bot, made: Made, staff: User, search: str) -> None:
    desk = Client()
    desk.force_login(staff)
    pages = [
        desk.get(reverse("admin:bots_bot_changelist") + search),
        desk.get(reverse("admin:bots_bot_change", args=[connected.pk])),
        desk.get(reverse("admin:bots_bot_history", args=[connected.pk])),
    ]
    assert [page.status_code for page in pages] == [200, 200, 200]
    for page in pages:
        text = page.content.decode()
        assert made.username in text
        for secret in (secret_of(made), connected.token_encrypted, connected.token_fingerprint):
            assert secret not in text


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """Everything the log says during the test, at its most talkative."""
    config = logging_config("DEBUG")["formatters"]["json"]
    factory = config.pop("()")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(factory(**config))
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)
    logging_config("WARNING")


async def fail_everywhere(bot: Bot) -> None:
    """A poll, a webhook and a reply that Telegram does not take."""
    client = Telegram()
    intake = Intake(telegram=client, dispatcher=Dispatcher(), redis=None)  # type: ignore[arg-type]
    poller = Poller(intake=intake, served=served_of(bot))
    answer = await poller._poll()
    poller.failures = -10  # so that recovering takes a moment only
    await poller._recover(answer)
    await Webhooks(intake=intake).register(poller.served)
    await client.close()
    log = logging.getLogger("somebody")
    log.error("while asking %s", client.session.api.api_url(poller.served.token, "getMe"))


@pytest.mark.parametrize("fault", ["html_502", "refused"])
def test_no_line_of_the_log_holds_it(
    connected: Bot, made: Made, control: Control, written: Callable[[], str], settings: Any, fault: str
) -> None:
    bot = Bot.objects.get()
    if fault == "refused":
        settings.TELEGRAM_API_URL = "http://127.0.0.1:9"
    else:
        control.fault(fault, times=None)
    telegram.wait_for(fail_everywhere(bot))
    lines = [json.loads(line) for line in written().splitlines()]
    assert {"poll_failed", "webhook_not_set"} <= {line["event"] for line in lines}
    assert "[hidden]" in written()
    assert secret_of(made) not in written()
