"""Chats and their members, as far as a bot may ask about them or act on them."""

from sandbox.telegram import membership, targets, views
from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.models import JSON, Channel, Member


@method("getChat")
def get_chat(call: Call) -> JSON:
    target = targets.readable(call.world, call.bot, call.params.raw("chat_id"))
    return views.full_chat(call.world, target, call.bot)


@method("getChatMember")
def get_chat_member(call: Call) -> JSON:
    target = targets.readable(call.world, call.bot, call.params.raw("chat_id"))
    user_id = _user_id(call)
    if isinstance(target, Channel):
        return views.member(call.world, targets.seen_member(call.world, call.bot, target, user_id))
    if user_id not in {target.id, call.bot.id}:
        raise bad_request("member not found")
    return views.member(call.world, Member(user_id, "member"))


def _user_id(call: Call) -> int:
    user_id = call.params.integer("user_id")
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    return user_id


@method("getChatAdministrators")
def get_chat_administrators(call: Call) -> list[JSON]:
    """The owner and the administrators; of bots only the one that asks."""
    target = targets.readable(call.world, call.bot, call.params.raw("chat_id"))
    if not isinstance(target, Channel):
        raise bad_request("there are no administrators in the private chat")
    if not call.world.member(target.id, call.bot.id).is_inside:
        raise bad_request("member list is inaccessible")
    return [
        views.member(call.world, member)
        for member in call.world.members[target.id].values()
        if member.status in {"creator", "administrator"}
        and (member.user_id not in call.world.bots or member.user_id == call.bot.id)
    ]


@method("getChatMemberCount", "getChatMembersCount")
def get_chat_member_count(call: Call) -> int:
    target = targets.readable(call.world, call.bot, call.params.raw("chat_id"))
    return call.world.members_count(target.id) if isinstance(target, Channel) else 2


@method("leaveChat")
def leave_chat(call: Call) -> bool:
    target = targets.readable(call.world, call.bot, call.params.raw("chat_id"))
    if not isinstance(target, Channel):
        raise bad_request("chat can't be left")
    if not call.world.member(target.id, call.bot.id).is_inside:
        raise bad_request("bot is not a member of the channel chat")
    membership.leave(call.telegram, target, call.bot.id)
    return True


@method("banChatMember", "kickChatMember")
def ban_chat_member(call: Call) -> bool:
    channel, user_id = _restrictable(call)
    until = call.params.integer("until_date")
    membership.ban(call.telegram, channel, user_id, by=call.bot.id, until_date=until)
    return True


@method("unbanChatMember")
def unban_chat_member(call: Call) -> bool:
    channel, user_id = _restrictable(call)
    member = call.world.member(channel.id, user_id)
    if member.is_inside and not call.params.flag("only_if_banned"):
        membership.leave(call.telegram, channel, user_id)
    membership.unban(call.telegram, channel, user_id, by=call.bot.id)
    return True


def _restrictable(call: Call) -> tuple[Channel, int]:
    channel = targets.administered(call.world, call.bot, call.params.raw("chat_id"), "can_restrict_members")
    user_id = _user_id(call)
    if user_id not in call.world.people and user_id not in call.world.bots:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if call.world.member(channel.id, user_id).status in {"creator", "administrator"}:
        raise bad_request("user is an administrator of the chat")
    return channel, user_id


@method("getUserProfilePhotos")
def get_user_profile_photos(call: Call) -> JSON:
    """Nobody here has a photo; an unknown user is refused."""
    user_id = _user_id(call)
    if user_id != call.bot.id and not targets.knows(call.world, call.bot, user_id):
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}


@method("setChatTitle")
def set_chat_title(call: Call) -> bool:
    channel = targets.administered(call.world, call.bot, call.params.raw("chat_id"), "can_change_info")
    title = call.params.text("title").strip()
    if not 1 <= len(title) <= 128:
        raise bad_request("title can't be empty" if not title else "title is too long")
    channel.title = title
    call.world.keep_channel(channel)
    call.world.tell("chat", chat_id=channel.id)
    return True


@method("setChatDescription")
def set_chat_description(call: Call) -> bool:
    channel = targets.administered(call.world, call.bot, call.params.raw("chat_id"), "can_change_info")
    channel.description = call.params.text("description")[:255]
    call.world.keep_channel(channel)
    return True
