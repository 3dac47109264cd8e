"""HTTP clients of the sandbox's own programs: the platform's API as an owner uses it, and the control API."""

import http.client
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

JSON = dict[str, Any]
T = TypeVar("T")

PATIENCE_SECONDS = 30.0  # for one answer
PAGE_SIZE = 100
PAUSE_SECONDS = 0.1
# Ids of new bots are drawn, not counted: a sandbox that starts anew over a database that does not must not
# hand out the id of a bot the database knows as somebody else's.
BOT_IDS = (6_000_000_000, 7_100_000_000)  # past every person, before every counted bot


class ClientError(Exception):
    """What went wrong, in one sentence for a person."""


class Unreachable(ClientError):
    """Nobody answered."""


class TookTooLong(ClientError):
    """A condition did not come true in time."""


class Refused(ClientError):
    """An answer that is no success; `code` is the API's stable code, empty in the control API."""

    def __init__(self, request: str, status: int, body: bytes) -> None:
        told = _told(body)
        super().__init__(f"{request}: {status} {told.get('message') or told.get('error') or ''}".rstrip())
        self.status = status
        self.code = str(told.get("code", ""))


def _told(body: bytes) -> JSON:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


class Client:
    """JSON over HTTP to one address, past any proxy; a connection per request, so none ever grows stale."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._prefix = parts.path

    def get(self, path: str) -> Any:
        return json.loads(self.fetch("GET", path))

    def post(self, path: str, body: JSON | None = None, *, wait: int = 0) -> Any:
        """`wait`: how many seconds the API may take before it answers that the work goes on."""
        headers = {"Prefer": f"wait={wait}"} if wait else {}
        return json.loads(self.fetch("POST", path, body or {}, headers) or b"null")

    def put(self, path: str, body: JSON | None = None) -> Any:
        return json.loads(self.fetch("PUT", path, body or {}) or b"null")

    def delete(self, path: str) -> None:
        self.fetch("DELETE", path)

    def fetch(
        self, method: str, path: str, body: JSON | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The bytes of a good answer. Raises Refused, Unreachable."""
        status, content = self._exchange(method, path, body, dict(headers or {}))
        if not 200 <= status < 300:
            raise Refused(f"{method} {self.url}{path}", status, content)
        return content

    def _exchange(
        self, method: str, path: str, body: JSON | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self._address, timeout=PATIENCE_SECONDS)
        data = None if body is None else json.dumps(body).encode()
        try:
            connection.request(
                method, self._prefix + path, data, {"Content-Type": "application/json", **headers}
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Unreachable(f"{self.url} does not answer: {reason}.") from error
        finally:
            connection.close()


class Control(Client):
    """The sandbox's control API: plays people, directs the stage, tells what was really accepted."""

    def make_bot(self, username: str, first_name: str) -> JSON:
        low, high = BOT_IDS
        token = f"{low + secrets.randbelow(high - low)}:AA{secrets.token_urlsafe(24)}x"
        made: JSON = self.post(
            "/sandbox/bots", {"username": username, "first_name": first_name, "token": token}
        )
        return made

    def bot_named(self, username: str) -> JSON | None:
        bots: list[JSON] = self.get("/sandbox/bots")
        return next((bot for bot in bots if bot["username"] == username), None)

    def make_person(self, first_name: str, username: str = "") -> int:
        return int(self.post("/sandbox/people", {"first_name": first_name, "username": username})["id"])

    def person_named(self, username: str) -> int | None:
        try:
            return int(self.get(f"/sandbox/people/{username}/world")["id"])
        except Refused as refused:
            if refused.status != 404:
                raise
            return None

    def channels(self) -> list[JSON]:
        found: list[JSON] = self.get("/sandbox/world")["channels"]
        return found

    def make_channel(self, title: str, username: str, owner_id: int, description: str) -> int:
        about = {"title": title, "username": username, "owner_id": owner_id, "description": description}
        return int(self.post("/sandbox/channels", about)["id"])

    def join(self, channel_id: int, person_id: int) -> None:
        self.put(f"/sandbox/channels/{channel_id}/members/{person_id}")

    def promote(self, channel_id: int, bot_id: int) -> None:
        """Gives the bot what it needs: posting and editing."""
        rights = {"can_post_messages": True, "can_edit_messages": True}
        self.put(f"/sandbox/channels/{channel_id}/administrators/{bot_id}", {"rights": rights})

    def posts(self, channel_id: int) -> list[JSON]:
        found: list[JSON] = self.get(f"/sandbox/channels/{channel_id}/posts")
        return found

    def accepted(self, bot_id: int) -> list[JSON]:
        """Every message of the bot that Telegram would have delivered, in order."""
        found: list[JSON] = self.get(f"/sandbox/accepted?bot_id={bot_id}")
        return found


class Api(Client):
    """The platform's API with an owner's login; a session that ran out is opened anew."""

    def __init__(self, url: str, username: str, password: str) -> None:
        super().__init__(url)
        self._login = {"username": username, "password": password}
        self._token = ""

    def register(self) -> None:
        """Opens the account these credentials are for."""
        super().fetch("POST", "/register", self._login)

    def fetch(
        self, method: str, path: str, body: JSON | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        if self._token:
            try:
                return super().fetch(method, path, body, {**(headers or {}), **self._bearer()})
            except Refused as refused:
                if refused.status != 401:
                    raise
        self._token = str(json.loads(super().fetch("POST", "/login", self._login))["access_token"])
        return super().fetch(method, path, body, {**(headers or {}), **self._bearer()})

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def account_id(self) -> int:
        return int(self.get("/api/v1/auth/profile")["account_id"])

    def pages(self, path: str) -> Iterator[JSON]:
        """Every row of a list, page by page."""
        number, more = 1, True
        while more:
            page = self.get(f"{path}?page_size={PAGE_SIZE}&page={number}")
            yield from page["results"]
            number, more = number + 1, bool(page["next"])

    def connect_bot(self, token: str) -> int:
        return int(self.post("/bots/", {"token": token})["data"]["id"])

    def bind_channel(self, channel_id: int, bot_id: int) -> None:
        """Connects the channel to the bot and sees that the bot may post there."""
        task = self.post("/channels/", {"channel": str(channel_id), "bot_id": bot_id}, wait=10)
        path = f"/tasks/{task['task_id']}"
        until(lambda: self.get(path)["task_status"] in ("SUCCESS", "FAILURE"), 30, "connecting the channel")
        bound = self.get(f"/channels/{channel_id}")
        if bound["status"] != "active":
            raise ClientError(f"The channel could not be connected: {bound['reason'] or bound['status']}")

    def create_giveaway(self, **fields: Any) -> JSON:
        made: JSON = self.post("/api/giveaways/create", fields)["giveaway"]
        return made

    def giveaway(self, giveaway_id: int) -> JSON:
        found: JSON = self.get(f"/api/giveaways/{giveaway_id}")["giveaway"]
        return found

    def publish(self, giveaway_id: int) -> JSON:
        """Publishes the giveaway and gives it back as it runs."""
        self.post(f"/api/giveaways/{giveaway_id}/publish", wait=10)

        def running() -> JSON | None:
            giveaway = self.giveaway(giveaway_id)
            return giveaway if giveaway["status"] == "active" else None

        return until(running, 30, "publishing the giveaway")


def until(ask: Callable[[], T | None], seconds: float, what: str) -> T:
    """Asks until the answer is true and gives it back. Raises TookTooLong."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TookTooLong(f"Waited {seconds:g} seconds in vain for {what}.")
        time.sleep(PAUSE_SECONDS)
    return answer


def api_url() -> str:
    """Where the web process of this machine listens."""
    return f"http://127.0.0.1:{os.environ.get('WEB_PORT') or 8000}"


def control_url() -> str:
    """Where the sandbox listens."""
    return os.environ.get("SANDBOX_URL") or f"http://127.0.0.1:{os.environ.get('SANDBOX_PORT') or 8081}"
