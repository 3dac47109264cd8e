"""What the stories share: the platform's HTTP API as an owner calls it."""

from typing import Any

from rest_framework.test import APIClient

from accounts.models import User


class Desk:
    """An owner with nothing but an HTTP client."""

    def __init__(self) -> None:
        self.http = APIClient()

    def ask(self, verb: str, path: str, body: dict[str, Any] | None = None, *, wait: int = 0) -> Any:
        """The answer's JSON; anything but success fails the story."""
        answer = getattr(self.http, verb)(path, body, HTTP_PREFER=f"wait={wait}")
        assert 200 <= answer.status_code < 300, answer.content
        return answer.json()

    def refused(self, verb: str, path: str, body: dict[str, Any] | None = None) -> str:
        """The code of a refusal; a success fails the story."""
        answer = getattr(self.http, verb)(path, body)
        assert answer.status_code >= 400, answer.content
        return str(answer.json()["code"])

    def act_for(self, user: User) -> None:
        """Acts for somebody whose bot and channel are on the stage already, for longer than a token lives."""
        self.http.force_authenticate(user)

    def log_in(self, username: str) -> None:
        credentials = {"username": username, "password": "correct-horse-7"}
        self.ask("post", "/register", credentials)
        token = self.ask("post", "/login", credentials)["access_token"]
        self.http.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
