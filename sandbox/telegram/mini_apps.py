"""What Telegram tells a Mini App about who opened it (core.telegram.org/bots/webapps)."""

import hmac
import json
import time
from urllib.parse import urlencode

from sandbox.telegram.models import JSON, Bot, Person


def init_data(bot: Bot, person: Person, start_param: str, may_write: bool) -> str:
    """A query string with its hash: the fields in the order of their names, signed with the bot's token."""
    user: JSON = {"id": person.id, "first_name": person.first_name, "last_name": person.last_name}
    if person.username:
        user["username"] = person.username
    user["language_code"] = person.language_code
    if may_write:
        user["allows_write_to_pm"] = True
    fields = {"auth_date": str(int(time.time())), "user": json.dumps(user, separators=(",", ":"))}
    if start_param:
        fields["start_param"] = start_param
    told = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    secret = hmac.digest(b"WebAppData", bot.token.encode(), "sha256")
    return urlencode({**fields, "hash": hmac.digest(secret, told.encode(), "sha256").hex()})
