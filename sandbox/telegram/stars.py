"""Telegram Stars: invoices paid by people, charges, refunds. Everybody has as many Stars as they like.

[doc] core.telegram.org/bots/payments-stars and the Bot API: a pre-checkout query is answered within ten seconds, a paid
invoice and a refund are service messages of the private chat, a charge's id is the transaction's.
"""

import secrets

from sandbox.telegram import history, views
from sandbox.telegram.acts import NotPossible
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, Message, Person, Query
from sandbox.telegram.world import QUERIES

ANSWER_SECONDS = 10.0
CURRENCY = "XTR"
PAYLOAD = "_payload"  # of an invoice: known to its bot, shown to nobody
PAID = "_paid"


async def pay(telegram: Telegram, person: Person, note: Message, seconds: float = ANSWER_SECONDS) -> JSON:
    """The person pays an invoice: the bot is asked first, and told when it agreed in time."""
    if "invoice" not in note.content:
        raise NotPossible("This message is no invoice.")
    if note.content.get(PAID):
        raise NotPossible("This invoice is paid.")
    query = ask(telegram, person, note)
    telegram.world.journal.flush()
    told = await telegram.answer_to(query.id, seconds)
    telegram.world.drop_query(query)
    if told is None:
        return {"paid": False, "error": "The bot did not answer in time."}
    if not told["ok"]:
        return {"paid": False, "error": told["error_message"]}
    return {"paid": True, **charge(telegram, person, note)}


def ask(telegram: Telegram, person: Person, note: Message) -> Query:
    world = telegram.world
    query = Query(world.next(QUERIES), note.bot_id, person.id, world.clock.now(), kind="pre_checkout")
    world.keep_query(query)
    shape = {"id": str(query.id), "from": views.author(world, person.id), **_what(note)}
    telegram.updates.emit(world.bots[note.bot_id], "pre_checkout_query", shape, person.id)
    return query


def charge(telegram: Telegram, person: Person, note: Message) -> JSON:
    """The Stars change hands, and both sides see it in their chat."""
    charge_id = "stx" + secrets.token_urlsafe(24)
    what = _what(note)
    record = {
        "charge_id": charge_id, "bot_id": note.bot_id, "person_id": person.id, "amount": what["total_amount"],
        "payload": what["invoice_payload"], "date": telegram.world.clock.unix(), "refunded_at": 0,
    }  # fmt: skip
    telegram.world.keep_charge(record)
    note.content = {**note.content, PAID: True}
    telegram.world.keep_message(note)
    ids = {"telegram_payment_charge_id": charge_id, "provider_payment_charge_id": ""}
    return {"charge_id": charge_id, "message": _tell(telegram, record, {"successful_payment": what | ids})}


def refund(telegram: Telegram, record: JSON) -> JSON:
    """The Stars go back, whoever wanted it; both sides see it in their chat."""
    record["refunded_at"] = telegram.world.clock.unix()
    telegram.world.keep_charge(record)
    what = {
        "currency": CURRENCY, "total_amount": record["amount"], "invoice_payload": record["payload"],
        "telegram_payment_charge_id": record["charge_id"],
    }  # fmt: skip
    return _tell(telegram, record, {"refunded_payment": what})


def balance(telegram: Telegram, bot_id: int) -> int:
    kept = [one for one in telegram.world.charges.values() if one["bot_id"] == bot_id]
    return sum(one["amount"] for one in kept if not one["refunded_at"])


def transactions(telegram: Telegram, bot_id: int) -> list[JSON]:
    """In the order of time; a refund carries the id of what it takes back."""
    found = []
    for one in telegram.world.charges.values():
        if one["bot_id"] != bot_id:
            continue
        partner = {
            "type": "user", "transaction_type": "invoice_payment",
            "user": views.user(telegram.world, one["person_id"]), "invoice_payload": one["payload"],
        }  # fmt: skip
        shape = {"id": one["charge_id"], "amount": one["amount"]}
        found.append({**shape, "date": one["date"], "source": partner})
        if one["refunded_at"]:
            found.append({**shape, "date": one["refunded_at"], "receiver": partner})
    return sorted(found, key=lambda shape: shape["date"])


def _what(note: Message) -> JSON:
    invoice = note.content["invoice"]
    return {
        "currency": invoice["currency"],
        "total_amount": invoice["total_amount"],
        "invoice_payload": note.content[PAYLOAD],
    }


def _tell(telegram: Telegram, record: JSON, content: JSON) -> JSON:
    world = telegram.world
    person, bot = world.people[record["person_id"]], world.bots[record["bot_id"]]
    note = history.write(telegram, person, content, bot=bot, sender_id=person.id)
    return views.message(world, note, 0)
