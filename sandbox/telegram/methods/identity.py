"""Who the bot is: getMe, its commands, names and descriptions."""

from typing import Any

from sandbox.telegram import views
from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.methods.registry import Call, Handler, method
from sandbox.telegram.models import JSON

COMMANDS_LIMIT = 100
# name of the setting -> (key in requests and answers, longest text)
TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


@method("getMe")
def get_me(call: Call) -> JSON:
    return views.me(call.bot)


@method("logOut", "close")
def refuse_to_leave(_: Call) -> None:
    """The cloud server refuses these to a bot that has just been started; ours always does."""
    raise BotApiError(429, "retry after 600", {"retry_after": 600})


@method("setMyCommands")
def set_my_commands(call: Call) -> bool:
    commands = call.params.json("commands")
    if not isinstance(commands, list) or len(commands) > COMMANDS_LIMIT:
        raise bad_request("can't parse commands JSON object")
    checked = [_command(command) for command in commands]
    _remember(call, "commands", _scope(call), checked)
    return True


def _command(command: Any) -> JSON:
    if not isinstance(command, dict) or not command.get("command"):
        raise bad_request("can't parse BotCommand: Can't find field \"command\"")
    name = str(command["command"]).lstrip("/")
    if not 1 <= len(name) <= 32 or not name.replace("_", "a").isalnum() or name != name.lower():
        raise bad_request("BOT_COMMAND_INVALID")
    description = str(command.get("description", ""))
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


@method("getMyCommands")
def get_my_commands(call: Call) -> list[JSON]:
    found: list[JSON] = call.bot.settings.get("commands", {}).get(_scope(call), [])
    return found


@method("deleteMyCommands")
def delete_my_commands(call: Call) -> bool:
    _remember(call, "commands", _scope(call), [])
    return True


def _scope(call: Call) -> str:
    scope = call.params.object("scope") or {"type": "default"}
    parts = [str(scope.get(key, "")) for key in ("type", "chat_id", "user_id")]
    return "/".join([*parts, call.params.text("language_code")])


def _remember(call: Call, setting: str, scope: str, value: Any) -> None:
    call.bot.settings.setdefault(setting, {})[scope] = value
    call.world.keep_bot(call.bot)
    call.world.tell("world")


def _text_setting(key: str, limit: int) -> tuple[Handler, Handler]:
    def keep(call: Call) -> bool:
        text = call.params.text(key)
        if len(text) > limit:
            raise bad_request(f"{key.upper()}_TOO_LONG")
        _remember(call, key, call.params.text("language_code"), text)
        return True

    def show(call: Call) -> JSON:
        texts = call.bot.settings.get(key, {})
        text = texts.get(call.params.text("language_code")) or texts.get("", "")
        return {key: text or (call.bot.first_name if key == "name" else "")}

    return keep, show


for _title, (_key, _limit) in TEXTS.items():
    _keep, _show = _text_setting(_key, _limit)
    method(f"setMy{_title}")(_keep)
    method(f"getMy{_title}")(_show)


@method("setChatMenuButton")
def set_chat_menu_button(call: Call) -> bool:
    button = call.params.object("menu_button") or {"type": "default"}
    _remember(call, "menu_button", call.params.text("chat_id"), button)
    return True


@method("getChatMenuButton")
def get_chat_menu_button(call: Call) -> JSON:
    buttons = call.bot.settings.get("menu_button", {})
    button: JSON = buttons.get(call.params.text("chat_id")) or {"type": "commands"}
    return button


@method("setMyDefaultAdministratorRights")
def set_default_rights(call: Call) -> bool:
    rights = call.params.object("rights")
    _remember(call, "default_rights", str(call.params.flag("for_channels")), rights)
    return True


@method("getMyDefaultAdministratorRights")
def get_default_rights(call: Call) -> JSON:
    kept = call.bot.settings.get("default_rights", {}).get(str(call.params.flag("for_channels")), {})
    return {right: bool(kept.get(right, False)) for right in views.RIGHTS}
