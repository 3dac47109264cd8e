"""Who is in a channel and who blocks a bot: every change emits what the bots concerned would be told."""

from sandbox.telegram import views
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, Bot, Channel, Member, Person

POSTING_RIGHTS = {
    "can_manage_chat": True,
    "can_change_info": True,
    "can_post_messages": True,
    "can_edit_messages": True,
    "can_delete_messages": True,
    "can_invite_users": True,
    "can_restrict_members": True,
    "can_promote_members": False,
    "can_manage_video_chats": True,
    "can_post_stories": True,
    "can_edit_stories": True,
    "can_delete_stories": True,
}


def join(telegram: Telegram, channel: Channel, person: Person, link: JSON | None = None) -> None:
    """A person subscribes; into a private channel the way always leads over an invite link."""
    if telegram.world.member(channel.id, person.id).is_inside:
        return
    if link is None and not channel.username:
        link = primary_link(channel)
    _change(telegram, channel, Member(person.id, "member"), by=person.id, link=link)


def come(telegram: Telegram, channel: Channel, person: Person, url: str = "") -> None:
    """A person opens a link of the channel (or just the channel) and joins, or asks to."""
    link = next(
        (link for link in channel.links if link["invite_link"] == url and not link["is_revoked"]), None
    )
    if link["creates_join_request"] if link else channel.join_by_request:
        _ask(telegram, channel, person, link)
    else:
        join(telegram, channel, person, link)


def _ask(telegram: Telegram, channel: Channel, person: Person, link: JSON | None) -> None:
    world = telegram.world
    if person.id in channel.requests or world.member(channel.id, person.id).is_inside:
        return
    channel.requests.append(person.id)
    world.keep_channel(channel)
    for bot, member in world.bots_inside(channel.id):
        if member.may("can_invite_users"):
            world.acquaint(bot.id, person.id)
            request = {
                "chat": views.chat(world, channel.id),
                "from": views.author(world, person.id),
                "user_chat_id": person.id,
                "date": world.clock.unix(),
            }
            request |= {"invite_link": views.invite_link(world, link, bot.id)} if link else {}
            telegram.updates.emit(bot, "chat_join_request", request, person.id)
    world.tell("member", chat_id=channel.id, person_id=person.id)


def primary_link(channel: Channel) -> JSON:
    return {
        "invite_link": channel.invite_link,
        "creator": channel.owner_id,
        "creates_join_request": False,
        "is_primary": True,
        "is_revoked": False,
    }


def leave(telegram: Telegram, channel: Channel, user_id: int) -> None:
    if telegram.world.member(channel.id, user_id).is_inside:
        _change(telegram, channel, Member(user_id, "left"), by=user_id)


def ban(telegram: Telegram, channel: Channel, user_id: int, *, by: int, until_date: int = 0) -> None:
    _change(telegram, channel, Member(user_id, "kicked", until_date=until_date), by=by)


def unban(telegram: Telegram, channel: Channel, user_id: int, *, by: int) -> None:
    if telegram.world.member(channel.id, user_id).status == "kicked":
        _change(telegram, channel, Member(user_id, "left"), by=by)


def promote(telegram: Telegram, channel: Channel, user_id: int, rights: dict[str, bool] | None) -> None:
    """The owner makes somebody an administrator with exactly these rights (None: all that posting needs)."""
    chosen = POSTING_RIGHTS if rights is None else {"can_manage_chat": True, **rights}
    member = Member(user_id, "administrator", rights=dict(chosen))
    if telegram.world.member(channel.id, user_id) != member:
        _change(telegram, channel, member, by=channel.owner_id)


def demote(telegram: Telegram, channel: Channel, user_id: int) -> None:
    """The owner takes the rights away; a bot cannot be a mere subscriber, so it leaves."""
    if telegram.world.member(channel.id, user_id).status == "administrator":
        status = "left" if user_id in telegram.world.bots else "member"
        _change(telegram, channel, Member(user_id, status), by=channel.owner_id)


def block(telegram: Telegram, bot: Bot, person: Person, *, blocked: bool) -> None:
    """A person blocks or unblocks a bot, which the bot sees as its own membership changing."""
    world = telegram.world
    dialog = world.acquaint(bot.id, person.id)
    if dialog.blocked == blocked:
        return
    old = views.private_member(world, dialog)
    dialog.blocked = blocked
    world.keep_dialog(dialog)
    change = {
        "chat": views.chat(world, person.id),
        "from": views.author(world, person.id),
        "date": world.clock.unix(),
        "old_chat_member": old,
        "new_chat_member": views.private_member(world, dialog),
    }
    telegram.updates.emit(bot, "my_chat_member", change, person.id)
    world.tell("chat", chat_id=bot.id, person_id=person.id)


def _change(telegram: Telegram, channel: Channel, new: Member, *, by: int, link: JSON | None = None) -> None:
    world = telegram.world
    old = world.member(channel.id, new.user_id)
    # Bots that were administrators before the change hear of it even when it ends their stay.
    watching = {bot.id: bot for bot, _ in world.bots_inside(channel.id)}
    world.keep_member(channel.id, new)
    watching |= {bot.id: bot for bot, _ in world.bots_inside(channel.id)}
    if watching:
        change = {
            "chat": views.chat(world, channel.id),
            "from": views.author(world, by),
            "date": world.clock.unix(),
            "old_chat_member": views.member(world, old),
            "new_chat_member": views.member(world, new),
        }
        used = link if new.status == "member" else None
        _emit(telegram, list(watching.values()), change, used, new.user_id)
    if new.user_id in world.people and old.is_inside != new.is_inside:
        url = link["invite_link"] if link else ""
        world.cross(channel.id, new.user_id, joined=new.is_inside, link=url)
    world.tell("member", chat_id=channel.id, person_id=new.user_id)


def _emit(telegram: Telegram, bots: list[Bot], change: JSON, link: JSON | None, user_id: int) -> None:
    for bot in bots:
        if bot.id == user_id:
            telegram.updates.emit(bot, "my_chat_member", change, change["chat"]["id"])
            continue
        used = {"invite_link": views.invite_link(telegram.world, link, bot.id)} if link else {}
        telegram.updates.emit(bot, "chat_member", change | used, user_id)
