"""Payments in Telegram Stars: invoices, the answer before a payment, refunds, what a bot has earned."""

from sandbox.telegram import stars
from sandbox.telegram.errors import QUERY_TOO_OLD, bad_request
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.methods.send import deliver, shown
from sandbox.telegram.models import JSON

LONGEST = {"title": 32, "description": 255}
PAYLOAD_BYTES = 128
MOST_STARS = 10_000


@method("sendInvoice", sends=True)
def send_invoice(call: Call) -> JSON:
    params = call.params
    texts = {name: _text(call, name, longest) for name, longest in LONGEST.items()}
    payload = params.text("payload")
    if not 1 <= len(payload.encode()) <= PAYLOAD_BYTES:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if params.text("currency") != stars.CURRENCY:
        raise bad_request("PAYMENT_PROVIDER_INVALID")  # other currencies need a provider, and there is none
    amount = _amount(call)
    invoice = {
        **texts,
        "start_parameter": params.text("start_parameter"),
        "currency": stars.CURRENCY,
        "total_amount": amount,
    }
    _pay_button(call, amount)
    return shown(call, deliver(call, {"invoice": invoice, stars.PAYLOAD: payload}))


def _text(call: Call, name: str, longest: int) -> str:
    value = call.params.text(name).strip()
    if not value:
        raise bad_request(f'parameter "{name}" is required')
    return value[:longest]


def _amount(call: Call) -> int:
    """Stars have exactly one price."""
    prices = call.params.json("prices")
    if not isinstance(prices, list) or not all(isinstance(price, dict) for price in prices):
        raise bad_request("can't parse prices: expected an Array of LabeledPrice")
    if len(prices) != 1:
        raise bad_request("STARS_INVOICE_INVALID")
    amount = prices[0].get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int) or not 1 <= amount <= MOST_STARS:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return amount


def _pay_button(call: Call, amount: int) -> None:
    """Without a keyboard there is one button; with one its first button has to be the one that pays."""
    keyboard = call.params.object("reply_markup")
    rows = keyboard.get("inline_keyboard")
    if not rows:
        pay = {"text": f"Pay ⭐️{amount}", "pay": True}
        call.params.values["reply_markup"] = {"inline_keyboard": [[pay]]}
    elif not rows[0] or not rows[0][0].get("pay"):
        raise bad_request("BUTTON_POS_INVALID")


@method("answerPreCheckoutQuery")
def answer_pre_checkout_query(call: Call) -> bool:
    query = call.world.queries.get(call.params.integer("pre_checkout_query_id"))
    if query is None or query.bot_id != call.bot.id or query.kind != "pre_checkout":
        raise bad_request(QUERY_TOO_OLD)
    answer = {"ok": call.params.flag("ok"), "error_message": call.params.text("error_message")}
    if not answer["ok"] and not answer["error_message"]:
        raise bad_request("ERROR_TEXT_EMPTY")
    call.world.drop_query(query)
    if call.world.clock.now() - query.created_at > stars.ANSWER_SECONDS:
        raise bad_request(QUERY_TOO_OLD)
    call.telegram.answered(query.id, answer)
    return True


@method("refundStarPayment")
def refund_star_payment(call: Call) -> bool:
    charge_id = call.params.text("telegram_payment_charge_id")
    if not charge_id:
        raise bad_request("CHARGE_ID_EMPTY")
    record = call.world.charges.get(charge_id)
    if record is None or record["bot_id"] != call.bot.id:
        raise bad_request("CHARGE_ID_INVALID")
    if record["person_id"] != call.params.integer("user_id"):
        raise bad_request("USER_ID_INVALID")
    if record["refunded_at"]:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    stars.refund(call.telegram, record)
    return True


@method("getMyStarBalance")
def get_my_star_balance(call: Call) -> JSON:
    return {"amount": stars.balance(call.telegram, call.bot.id)}


@method("getStarTransactions")
def get_star_transactions(call: Call) -> JSON:
    offset, limit = call.params.integer("offset"), call.params.integer("limit", 100)
    if offset < 0 or not 1 <= limit <= 100:
        raise bad_request("invalid offset or limit specified")
    return {"transactions": stars.transactions(call.telegram, call.bot.id)[offset : offset + limit]}
