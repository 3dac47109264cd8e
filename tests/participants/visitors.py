"""People at a giveaway's doors: the Mini App as Telegram signs it for them, and updates as Telegram sends them."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from rest_framework.test import APIClient

from giveaways.models import Giveaway
from participants.models import Captcha
from tests.scene import Scene


def app(scene: Scene, person: int, **changes: str) -> APIClient:
    """The page as it was opened by this person from the scene's bot; `changes` forge what Telegram signed."""
    signed = scene.control.ask("POST", f"/people/{person}/init-data", bot=scene.bot_id)["init_data"]
    client = APIClient()
    data = urlencode({**dict(parse_qsl(signed)), **changes})
    client.credentials(HTTP_AUTHORIZATION=f"tma {data}")
    return client


def ask(client: APIClient, path: str, giveaway: Giveaway, **body: Any) -> Any:
    return client.post(f"/api/participants/{path}", {"giveaway_id": giveaway.pk, **body})


def right() -> str:
    """The right answer to the one question that is open."""
    return str(sum(map(int, Captcha.objects.get().question.split(" + "))))


def update(person: int, text: str, update_id: int = 1, message_id: int = 1) -> dict[str, Any]:
    """A message as Telegram reports it to the bot, also one that no client of Telegram would send."""
    someone = {"id": person, "is_bot": False, "first_name": "Ann"}
    chat = {"id": person, "type": "private", "first_name": "Ann"}
    about = {"message_id": message_id, "date": 1_700_000_000, "chat": chat, "from": someone, "text": text}
    if text.startswith("/"):
        about["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"update_id": update_id, "message": about}
