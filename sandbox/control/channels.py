"""Channels: made, joined, administered, posted to and read."""

from collections import Counter

from aiohttp import web

from sandbox.control.bots import free_username
from sandbox.control.people import shown
from sandbox.control.requests import (
    Refused,
    answer,
    body_of,
    channel,
    done,
    latest,
    number_in,
    person,
    telegram_of,
    text_in,
)
from sandbox.telegram import acts, history, membership
from sandbox.telegram.core import Telegram
from sandbox.telegram.methods.invitations import new_link
from sandbox.telegram.models import JSON, Channel, Member
from sandbox.telegram.views import RIGHTS
from sandbox.telegram.world import CHANNEL_ID_BASE, CHANNELS


def shape(telegram: Telegram, one: Channel) -> JSON:
    return {
        "id": one.id,
        "title": one.title,
        "username": one.username,
        "invite_link": one.invite_link,
        "owner_id": one.owner_id,
        "members_count": telegram.world.members_count(one.id),
    }


async def create(request: web.Request) -> web.Response:
    """A channel of its owner: public with a username, private without."""
    telegram = telegram_of(request)
    body = await body_of(request)
    username = text_in(body, "username", "")
    owner = person(telegram, body.get("owner_id"))
    one = Channel(
        id=CHANNEL_ID_BASE - telegram.world.next(CHANNELS),
        title=text_in(body, "title"),
        username=free_username(telegram.world, username) if username else "",
        invite_link=new_link(),
        owner_id=owner.id,
        description=text_in(body, "description", ""),
        join_by_request=bool(body.get("join_by_request")),
    )
    telegram.world.keep_channel(one)
    telegram.world.keep_member(one.id, Member(owner.id, "creator"))
    telegram.world.tell("world")
    return answer(shape(telegram, one))


async def join(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    newcomer = person(telegram, request.match_info["person"])
    if telegram.world.member(one.id, newcomer.id).status == "kicked":
        raise Refused("This person is banned from the channel.")
    membership.come(telegram, one, newcomer, request.query.get("invite_link", ""))
    return done()


async def leave(request: web.Request) -> web.Response:
    """A person leaves; with `?kick=1` the owner bans them. A bot is always thrown out."""
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    who = telegram.world.find(request.match_info["person"])
    if who is None or isinstance(who, Channel):
        raise Refused("There is no such member.", 404)
    if who.id == one.owner_id:
        raise Refused("The owner cannot leave the channel.")
    if request.query.get("kick") or who.id in telegram.world.bots:
        membership.ban(telegram, one, who.id, by=one.owner_id)
    else:
        membership.leave(telegram, one, who.id)
    return done()


async def promote(request: web.Request) -> web.Response:
    """Makes a bot (or a person) an administrator with the given rights; none given means all for posting."""
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    who = telegram.world.find(request.match_info["admin"])
    if who is None or isinstance(who, Channel):
        raise Refused("There is no such bot.", 404)
    body = await body_of(request)
    rights = body.get("rights", body)
    if not isinstance(rights, dict) or set(rights) - set(RIGHTS):
        raise Refused(f"Rights are an object of {', '.join(RIGHTS)}.")
    chosen = {right: bool(value) for right, value in rights.items()}
    membership.promote(telegram, one, who.id, chosen or None)
    return done()


async def demote(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    who = telegram.world.find(request.match_info["admin"])
    if who is None:
        raise Refused("There is no such administrator.", 404)
    membership.demote(telegram, one, who.id)
    return done()


async def post(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    note = acts.post_as_owner(telegram, one, text_in(await body_of(request), "text"))
    return answer(shown(telegram, note))


async def posts(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    notes = telegram.world.boxes[one.id].values()
    return answer(latest(request, [shown(telegram, note) for note in notes]))


async def see(request: web.Request) -> web.Response:
    """Adds views to one post, or to all."""
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    body = await body_of(request)
    count = number_in(body, "count", 1, low=1)
    box = telegram.world.boxes[one.id]
    chosen = list(box) if body.get("post_id") is None else [number_in(body, "post_id")]
    for message_id in chosen:
        if message_id not in box:
            raise Refused("There is no such post.", 404)
        history.add_views(telegram, box[message_id], count)
    return done()


async def count(request: web.Request) -> web.Response:
    """What happened from `since` until `until` (Unix seconds), as Telegram itself would count it."""
    telegram = telegram_of(request)
    one = channel(telegram, request.match_info["channel"])
    since = number_in(dict(request.query), "since", 0)
    until = number_in(dict(request.query), "until", 10**15)
    notes = telegram.world.boxes[one.id].values()
    written = [note for note in notes if since <= note.date < until and "pinned" not in note.content]
    crossed = [
        entry
        for entry in telegram.world.crossings
        if entry["channel_id"] == one.id and since <= int(entry["at"]) < until
    ]
    joins = [entry["link"] for entry in crossed if entry["joined"]]
    return answer(
        {
            "posts": len({note.content.get("media_group_id") or note.message_id for note in written}),
            "views": sum(note.views for note in written),
            "members": telegram.world.members_count(one.id),
            "joins": len(joins),
            "leaves": len(crossed) - len(joins),
            "links": dict(Counter(joins)),
        }
    )


ROUTES = [
    web.post("/sandbox/channels", create),
    web.put("/sandbox/channels/{channel}/members/{person}", join),
    web.delete("/sandbox/channels/{channel}/members/{person}", leave),
    web.put("/sandbox/channels/{channel}/administrators/{admin}", promote),
    web.delete("/sandbox/channels/{channel}/administrators/{admin}", demote),
    web.post("/sandbox/channels/{channel}/posts", post),
    web.get("/sandbox/channels/{channel}/posts", posts),
    web.post("/sandbox/channels/{channel}/views", see),
    web.get("/sandbox/channels/{channel}/statistics", count),
]
