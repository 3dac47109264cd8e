"""People: made, and playing their part: starting bots, writing, pressing, blocking."""

from aiohttp import web

from sandbox.control.bots import free_username
from sandbox.control.requests import (
    Refused,
    answer,
    body_of,
    bot,
    done,
    latest,
    number_in,
    person,
    reference,
    seconds_in,
    telegram_of,
    text_in,
)
from sandbox.telegram import acts, membership, mini_apps, views
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, Channel, Message, Person
from sandbox.telegram.world import PEOPLE, World

MOST_AT_ONCE = 100_000
ANSWER_SECONDS = 2.0


def shape(one: Person) -> JSON:
    return {
        "id": one.id,
        "first_name": one.first_name,
        "username": one.username,
        "language_code": one.language_code,
    }


def make(world: World, first_name: str, username: str = "", language_code: str = "en") -> Person:
    one = Person(world.next(PEOPLE), first_name, username=username, language_code=language_code)
    world.keep_person(one)
    return one


async def create(request: web.Request) -> web.Response:
    """One person, or with `count` a list of them, their names and usernames numbered."""
    world = telegram_of(request).world
    body = await body_of(request)
    name = text_in(body, "first_name")
    username = text_in(body, "username", "")
    language = text_in(body, "language_code", "en")
    if body.get("count") is None:
        made = [make(world, name, free_username(world, username) if username else "", language)]
    else:
        numbers = range(1, number_in(body, "count", high=MOST_AT_ONCE) + 1)
        names = [free_username(world, f"{username}{number}") if username else "" for number in numbers]
        made = [make(world, f"{name} {number}", names[number - 1], language) for number in numbers]
    for one in made:
        one.last_name = text_in(body, "last_name", "")
        one.refuses_voice = bool(body.get("refuses_voice"))
        world.keep_person(one)
    world.tell("world")
    shapes = [shape(one) for one in made]
    return answer(shapes if body.get("count") is not None else shapes[0])


async def delete_account(request: web.Request) -> web.Response:
    one = person(telegram_of(request), request.match_info["person"])
    one.deleted = True
    telegram_of(request).world.keep_person(one)
    telegram_of(request).world.tell("world")
    return done()


async def start(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    body = await body_of(request)
    note = acts.start(telegram, one, bot(telegram, body.get("bot")), text_in(body, "payload", ""))
    return answer(shown(telegram, note))


async def say(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    body = await body_of(request)
    note = acts.say(telegram, one, bot(telegram, body.get("bot")), text_in(body, "text"))
    return answer(shown(telegram, note))


async def press(request: web.Request) -> web.Response:
    """Presses a button by its text and tells what came of it: an answer, a started bot or a URL."""
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    body = await body_of(request)
    note = pressed_message(telegram, one, body)
    button = acts.find_button(note, text_in(body, "button"))
    if "callback_data" in button:
        query = acts.press_callback(telegram, one, note, button)
        telegram.world.journal.flush()
        told = await telegram.answer_to(query.id, seconds_in(body, "wait", ANSWER_SECONDS))
        return answer({"callback_query_id": str(query.id), "answer": told})
    url = str(button.get("url", ""))
    link = acts.bot_link(telegram, url)
    if link is None:
        return answer({"url": url})
    started = acts.start(telegram, one, *link)
    return answer({"url": url, "started": link[0].id, "message": shown(telegram, started)})


def pressed_message(telegram: Telegram, one: Person, body: JSON) -> Message:
    chat = telegram.world.find(reference(body.get("chat_id")))
    note = acts.pressable(telegram, one, chat.id if chat else 0, number_in(body, "message_id"))
    if note is None:
        raise Refused("This person sees no such message.", 404)
    return note


async def init_data(request: web.Request) -> web.Response:
    """What a Mini App of the bot is given about the person who opened it, signed as Telegram signs it."""
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    body = await body_of(request)
    other = bot(telegram, body.get("bot"))
    dialog = telegram.world.dialog(other.id, one.id)
    may_write = bool(dialog and dialog.started and not dialog.blocked)
    return answer({"init_data": mini_apps.init_data(other, one, text_in(body, "payload", ""), may_write)})


async def block(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    other = bot(telegram, request.match_info["bot"])
    membership.block(telegram, other, one, blocked=request.method == "PUT")
    return done()


async def chat(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    other = bot(telegram, request.match_info["bot"])
    notes = telegram.world.transcript(other.id, one.id)
    return answer(latest(request, [shown(telegram, note) for note in notes]))


def shown(telegram: Telegram, note: Message) -> JSON:
    """A message as its reader's client shows it: with every kind of keyboard, and views in a channel."""
    shape = views.message(telegram.world, note, 0)
    if note.markup:
        shape["reply_markup"] = note.markup
    if note.box:
        shape["views"] = note.views
    return shape


async def world_of(request: web.Request) -> web.Response:
    """The chats of one person: all channels, joined or not, and all bots, started or not."""
    telegram = telegram_of(request)
    one = person(telegram, request.match_info["person"])
    channels = [_channel_entry(telegram, one, channel) for channel in telegram.world.channels.values()]
    bots = []
    for other in telegram.world.bots.values():
        dialog = telegram.world.dialog(other.id, one.id)
        ids = telegram.world.transcripts.get((other.id, one.id), [])
        last = telegram.world.message(0, ids[-1]) if ids else None
        entry: JSON = {"id": other.id, "username": other.username, "first_name": other.first_name}
        entry |= {"started": bool(dialog and dialog.started), "blocked": bool(dialog and dialog.blocked)}
        bots.append(entry | {"last_message": shown(telegram, last) if last else None})
    return answer({**shape(one), "channels": channels, "bots": bots})


def _channel_entry(telegram: Telegram, one: Person, channel: Channel) -> JSON:
    box = telegram.world.boxes[channel.id]
    last = box[max(box)] if box else None
    return {
        "id": channel.id,
        "title": channel.title,
        "username": channel.username,
        "joined": telegram.world.member(channel.id, one.id).is_inside,
        "owned": channel.owner_id == one.id,
        "last_message": shown(telegram, last) if last else None,
    }


ROUTES = [
    web.post("/sandbox/people", create),
    web.delete("/sandbox/people/{person}", delete_account),
    web.post("/sandbox/people/{person}/start", start),
    web.post("/sandbox/people/{person}/say", say),
    web.post("/sandbox/people/{person}/press", press),
    web.post("/sandbox/people/{person}/init-data", init_data),
    web.put("/sandbox/people/{person}/block/{bot}", block),
    web.delete("/sandbox/people/{person}/block/{bot}", block),
    web.get("/sandbox/people/{person}/chats/{bot}", chat),
    web.get("/sandbox/people/{person}/world", world_of),
]
