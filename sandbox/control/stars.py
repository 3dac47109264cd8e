"""People pay invoices, and Telegram's support gives them their Stars back."""

from aiohttp import web

from sandbox.control.people import pressed_message
from sandbox.control.requests import Refused, answer, body_of, person, seconds_in, telegram_of, text_in
from sandbox.telegram import stars


async def pay(request: web.Request) -> web.Response:
    """`{chat_id, message_id}`: `{"paid": true, "charge_id", "message"}`, or false with the bot's own words."""
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    body = await body_of(request)
    note = pressed_message(telegram, one, body)
    return answer(await stars.pay(telegram, one, note, seconds_in(body, "wait", stars.ANSWER_SECONDS)))


async def refund(request: web.Request) -> web.Response:
    """`{charge_id}`: taken back without asking the bot, which only hears of it."""
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    record = telegram.world.charges.get(text_in(await body_of(request), "charge_id"))
    if record is None or record["person_id"] != one.id:
        raise Refused("This person paid no such charge.", 404)
    if record["refunded_at"]:
        raise Refused("This charge is refunded.")
    return answer(stars.refund(telegram, record))


ROUTES = [
    web.post("/sandbox/people/{person}/pay", pay),
    web.post("/sandbox/people/{person}/refund", refund),
]
