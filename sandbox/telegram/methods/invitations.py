"""Invite links and requests to join."""

import secrets

from sandbox.telegram import membership, targets, views
from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.models import JSON, Channel


def new_link() -> str:
    return "https://t.me/+" + secrets.token_urlsafe(12)


def _inviting(call: Call) -> Channel:
    return targets.administered(call.world, call.bot, call.params.raw("chat_id"), "can_invite_users")


@method("exportChatInviteLink")
def export_chat_invite_link(call: Call) -> str:
    """Makes a new primary link; the old one stops to work."""
    channel = _inviting(call)
    channel.invite_link = new_link()
    call.world.keep_channel(channel)
    return channel.invite_link


@method("createChatInviteLink")
def create_chat_invite_link(call: Call) -> JSON:
    channel = _inviting(call)
    link: JSON = {
        "invite_link": new_link(),
        "creator": call.bot.id,
        "creates_join_request": call.params.flag("creates_join_request"),
        "is_primary": False,
        "is_revoked": False,
    }
    for name in ("name", "expire_date", "member_limit"):
        if call.params.text(name):
            link[name] = call.params.text(name) if name == "name" else call.params.integer(name)
    channel.links.append(link)
    call.world.keep_channel(channel)
    return views.invite_link(call.world, link, call.bot.id)


@method("revokeChatInviteLink")
def revoke_chat_invite_link(call: Call) -> JSON:
    channel = _inviting(call)
    asked = call.params.text("invite_link")
    link = next((link for link in channel.links if link["invite_link"] == asked), None)
    if link is None:
        raise bad_request("INVITE_HASH_EXPIRED")
    link["is_revoked"] = True
    call.world.keep_channel(channel)
    return views.invite_link(call.world, link, call.bot.id)


@method("approveChatJoinRequest")
def approve_chat_join_request(call: Call) -> bool:
    channel, user_id = _requested(call)
    membership.join(call.telegram, channel, call.world.people[user_id])
    return True


@method("declineChatJoinRequest")
def decline_chat_join_request(call: Call) -> bool:
    _requested(call)
    return True


def _requested(call: Call) -> tuple[Channel, int]:
    channel = _inviting(call)
    user_id = call.params.integer("user_id")
    if user_id not in channel.requests:
        raise bad_request("HIDE_REQUESTER_MISSING")
    channel.requests.remove(user_id)
    call.world.keep_channel(channel)
    return channel, user_id
