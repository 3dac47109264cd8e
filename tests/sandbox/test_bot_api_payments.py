"""Payments in Telegram Stars: an invoice is paid when its bot agrees in time, and a charge goes back once."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import running_sandbox
from tests.sandbox.conftest import ActingBot, Stage, wait_for
from tests.sandbox.test_bot_api_shapes import SCHEMA, fits

INVOICE = {"title": "Top-up", "description": "500 Stars", "payload": "p-1", "currency": "XTR"}
PRICES = [{"label": "Stars", "amount": 500}]


@pytest.fixture
def invoice(stage: Stage, bot: ActingBot, ann: int) -> dict[str, Any]:
    stage.start(ann, bot)
    bot.updates()
    return dict(bot.call("sendInvoice", chat_id=ann, prices=PRICES, **INVOICE))


def paying(
    stage: Stage, ann: int, bot: ActingBot, message: int, act: Callable[[dict[str, Any]], None]
) -> Any:
    """Ann pays while the bot does something with the query it gets."""
    results: list[Any] = []

    def pay() -> None:
        mine = Stage(stage.url)
        results.append(mine.post(f"/people/{ann}/pay", chat_id=bot.id, message_id=message, wait=3))
        mine.close()

    thread = threading.Thread(target=pay)
    thread.start()
    (query,) = wait_for(lambda: bot.updates("pre_checkout_query"))
    act(query)
    thread.join()
    return results[0]


def agree(bot: ActingBot) -> Callable[[dict[str, Any]], None]:
    return lambda query: bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)


def test_an_invoice_has_a_button_that_pays_and_hides_its_payload(
    stage: Stage, bot: ActingBot, ann: int, invoice: dict[str, Any]
) -> None:
    fits(SCHEMA["methods"]["sendInvoice"]["returns"], invoice)
    assert (invoice["invoice"]["total_amount"], invoice["invoice"]["currency"]) == (500, "XTR")
    assert invoice["reply_markup"] == {"inline_keyboard": [[{"text": "Pay ⭐️500", "pay": True}]]}
    assert "p-1" not in repr(stage.chat(ann, bot))


def test_a_paid_invoice_tells_both_sides_and_counts(
    stage: Stage, bot: ActingBot, ann: int, invoice: dict[str, Any]
) -> None:
    seen: list[dict[str, Any]] = []
    paid = paying(
        stage, ann, bot, invoice["message_id"], lambda query: (seen.append(query), agree(bot)(query))[0]
    )
    fits({"$ref": "#/$defs/PreCheckoutQuery"}, seen[0])
    assert (seen[0]["invoice_payload"], seen[0]["from"]["id"]) == ("p-1", ann)
    (message,) = bot.updates("message")
    fits({"$ref": "#/$defs/Message"}, message)
    assert paid["paid"] and message["successful_payment"]["telegram_payment_charge_id"] == paid["charge_id"]
    assert bot.call("getMyStarBalance") == {"amount": 500}
    answer = bot.call("getStarTransactions")
    fits(SCHEMA["methods"]["getStarTransactions"]["returns"], answer)
    assert [one["id"] for one in answer["transactions"]] == [paid["charge_id"]]
    again = stage.http.post(
        f"/sandbox/people/{ann}/pay", json={"chat_id": bot.id, "message_id": invoice["message_id"]}
    )
    assert (again.status_code, again.json()["error"]) == (400, "This invoice is paid.")


def test_a_bot_that_refuses_or_says_nothing_gets_nothing(
    stage: Stage, bot: ActingBot, ann: int, invoice: dict[str, Any]
) -> None:
    def refuse(query: dict[str, Any]) -> None:
        bot.call(
            "answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=False, error_message="Sold out."
        )

    message = invoice["message_id"]
    refused = paying(stage, ann, bot, message, refuse)
    silent = stage.post(f"/people/{ann}/pay", chat_id=bot.id, message_id=message, wait=0.05)
    assert (refused, silent["paid"]) == ({"paid": False, "error": "Sold out."}, False)
    (late,) = bot.updates("pre_checkout_query")
    too_late = bot.refusal("answerPreCheckoutQuery", pre_checkout_query_id=late["id"], ok=True)
    assert "query is too old" in too_late[1]
    assert bot.call("getMyStarBalance") == {"amount": 0}


def test_a_charge_goes_back_once(stage: Stage, bot: ActingBot, ann: int, invoice: dict[str, Any]) -> None:
    paid = paying(stage, ann, bot, invoice["message_id"], agree(bot))
    bot.updates()
    what = {"user_id": ann, "telegram_payment_charge_id": paid["charge_id"]}
    assert bot.refusal("refundStarPayment", **{**what, "user_id": 1})[1] == "Bad Request: USER_ID_INVALID"
    assert bot.call("refundStarPayment", **what) is True
    assert bot.refusal("refundStarPayment", **what) == (400, "Bad Request: CHARGE_ALREADY_REFUNDED")
    (message,) = bot.updates("message")
    fits({"$ref": "#/$defs/Message"}, message)
    assert message["refunded_payment"]["telegram_payment_charge_id"] == paid["charge_id"]
    there, back = bot.call("getStarTransactions")["transactions"]
    assert (there["id"], back["id"], "receiver" in back) == (paid["charge_id"], paid["charge_id"], True)
    assert bot.call("getMyStarBalance") == {"amount": 0}


def test_support_can_give_a_charge_back_too(
    stage: Stage, bot: ActingBot, ann: int, invoice: dict[str, Any]
) -> None:
    paid = paying(stage, ann, bot, invoice["message_id"], agree(bot))
    bot.updates()
    stage.post(f"/people/{ann}/refund", charge_id=paid["charge_id"])
    (message,) = bot.updates("message")
    assert message["refunded_payment"]["total_amount"] == 500


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"currency": "EUR"}, "PAYMENT_PROVIDER_INVALID"),
        ({"payload": ""}, "INVOICE_PAYLOAD_INVALID"),
        ({"payload": "я" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"prices": [{"label": "x", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [{"label": "x", "amount": 10_001}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": PRICES * 2}, "STARS_INVOICE_INVALID"),
        ({"prices": []}, "STARS_INVOICE_INVALID"),
        ({"title": ""}, 'parameter "title" is required'),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "x", "url": "https://e.org"}]]}},
            "BUTTON_POS_INVALID",
        ),
    ],
)
def test_a_wrong_invoice_is_refused(
    stage: Stage, bot: ActingBot, ann: int, wrong: dict[str, Any], refusal: str
) -> None:
    stage.start(ann, bot)
    asked = {"chat_id": ann, "prices": PRICES, **INVOICE, **wrong}
    assert bot.refusal("sendInvoice", **asked) == (400, f"Bad Request: {refusal}")


def test_charges_survive_the_process(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as url:
        stage = Stage(url)
        bot, ann = stage.bot(), stage.person()
        stage.start(ann, bot)
        bot.updates()
        sent = bot.call("sendInvoice", chat_id=ann, prices=PRICES, **INVOICE)
        paying(stage, ann, bot, sent["message_id"], agree(bot))
        stage.close()
    with running_sandbox(tmp_path) as url:
        stage = Stage(url)
        bot.http = stage.http
        assert bot.call("getMyStarBalance") == {"amount": 500}
        stage.close()
