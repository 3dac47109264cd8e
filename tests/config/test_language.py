"""Every refusal is told in the reader's language, whoever raised it; the codes and shapes stay."""

import ast
import re
from base64 import b64encode
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from accounts.models import User
from bots.errors import BotNotWorking
from bots.texts import BOT_STATES
from config.errors import DomainError
from config.language import Text, spoken
from tests.conftest import client_of
from tests.factories import PASSWORD, make_user

ROOT = Path(__file__).parents[2]
APPS = [app.name for app in apps.get_app_configs() if (ROOT / app.name).is_dir()]
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# A refusal that only repeats a sentence somebody else has written in the reader's language.
REPEATS = re.compile(r"(\w+: )?\{\w+\}")


def refusals() -> list[type[DomainError]]:
    """Every class of the apps, in the order of their files."""
    for app in APPS:
        if (ROOT / app / "errors.py").exists():
            import_module(f"{app}.errors")

    def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    return [kind for kind in below(DomainError) if not kind.__module__.startswith("tests.")]


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def in_russian(user: User) -> APIClient:
    user.account.language = "ru"
    user.account.save()
    return client_of(user)


# --- what is written ------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_refusal_is_written_in_both_languages(kind: type[DomainError]) -> None:
    assert isinstance(kind.message, Text)
    assert names(kind.message.en) == names(kind.message.ru)
    if not REPEATS.fullmatch(kind.message.en):
        assert CYRILLIC.search(kind.message.ru)
        assert not CYRILLIC.search(kind.message.en)


def literal(node: ast.expr) -> str:
    """The words a value is written with in place, in one language."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(literal, node.values))
    if isinstance(node, ast.Dict):
        return "".join(map(literal, node.values))
    if isinstance(node, ast.List | ast.Tuple):
        return "".join(map(literal, node.elts))
    return literal(node.value) if isinstance(node, ast.DictComp) else ""


def raised(path: Path) -> Iterator[tuple[str, list[ast.expr]]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            call = node.exc
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            rest = [keyword.value for keyword in call.keywords if keyword.arg != "field"]
            yield name, [*call.args, *rest]


def doors_and_rules() -> list[Path]:
    found = [path for app in [*APPS, "config"] for path in (ROOT / app).rglob("*.py")]
    return sorted(path for path in found if not {"admin", "management", "migrations"} & set(path.parts))


def test_nothing_is_refused_in_words_of_one_language() -> None:
    told = {kind.__name__ for kind in refusals()} | {"ValidationError", "ParseError", "PermissionDenied"}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}: {words}"
        for path in doors_and_rules()
        for name, values in raised(path)
        for value in values
        if name in told and re.search("[^\\W\\d_]{2}", words := literal(value))
    ]
    assert wrong == []


# --- what is heard --------------------------------------------------------------------------------------
def test_a_fact_is_told_in_the_language_of_the_sentence() -> None:
    refusal = BotNotWorking(bot="@shop", status=BOT_STATES["quarantined"])
    assert str(refusal).startswith("@shop is quarantined.")
    assert refusal.told("ru").startswith("@shop сейчас в карантине.")
    with translation.override("ru"):
        assert refusal.sentence == refusal.told("ru")
        assert str(refusal) == refusal.told("en")


def test_the_account_chooses_and_not_the_browser(owner: User) -> None:
    answer = in_russian(owner).get(
        f"/api/giveaways/active/{owner.account_id}", headers={"accept-language": "en"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "GIVEAWAY_NOT_FOUND")
    assert answer.json()["message"] == "Такого розыгрыша нет."
    assert "Accept-Language" in answer.headers["Vary"]


def test_fields_are_told_of_in_the_same_language(owner: User) -> None:
    body = {"title": "", "surprise": 1, "ends_at": "2001-01-01T00:00:00Z", "winner_count": 101}
    errors = in_russian(owner).post("/api/giveaways/create", body).json()["errors"]
    assert errors["surprise"] == ["Неизвестное поле."]
    assert errors["ends_at"] == ["Этот момент уже прошёл."]
    assert errors["main_body"] == ["Обязательное поле."]
    assert all(CYRILLIC.search(sentence) for told in errors.values() for sentence in told)


@pytest.mark.parametrize(
    ("path", "code"),
    [("/api/giveaways/history/{account}?page=0", "VALIDATION_ERROR"), ("/tasks/x/y", "NOT_FOUND")],
)
def test_pages_and_paths_that_are_not_there(owner: User, path: str, code: str) -> None:
    address = path.format(account=owner.account_id)
    answer = in_russian(owner).get(address, headers={"accept-language": "ru"})
    assert answer.json()["code"] == code
    assert CYRILLIC.search(answer.json()["message"])


def test_whoever_is_not_known_yet_is_heard_by_their_browser(db: None) -> None:
    anonymous = APIClient()
    russian = {"accept-language": "ru-RU,ru;q=0.9,en;q=0.8"}
    refused = anonymous.get("/api/v1/auth/profile", headers=russian)
    assert (refused.status_code, bool(CYRILLIC.search(refused.json()["message"]))) == (401, True)
    wrong = {"username": "nobody", "password": "wrong"}
    login = anonymous.post("/api/v1/auth/login", wrong, headers=russian)
    assert login.json()["message"] == "Неверное имя пользователя или пароль."
    assert anonymous.get("/nowhere", headers=russian).json()["message"] == "По этому адресу ничего нет."
    assert anonymous.post("/api/v1/auth/login", wrong).json()["message"].startswith("The username")


def test_a_weak_password_is_explained_in_russian(db: None) -> None:
    body = {"username": "marina", "password": "12345"}
    told = APIClient().post("/api/v1/auth/register", body, headers={"accept-language": "ru"}).json()
    assert told["code"] == "VALIDATION_ERROR"
    assert all(CYRILLIC.search(reason) for reason in told["errors"]["password"])


@pytest.mark.usefixtures("tight")
def test_too_many_requests_are_refused_in_russian(db: None) -> None:
    make_user(username="marina")
    for _ in range(11):
        body = {"username": "marina", "password": PASSWORD}
        answer = APIClient().post("/api/v1/auth/login", body, headers={"accept-language": "ru"})
    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert CYRILLIC.search(answer.json()["message"])


def test_one_persons_language_is_not_the_next_ones(owner: User, stranger: User) -> None:
    assert CYRILLIC.search(in_russian(owner).get("/bots/0").json()["message"])
    assert spoken() == "en"
    assert not CYRILLIC.search(client_of(stranger).get("/bots/0").json()["message"])


def test_basic_credentials_and_the_admins_session_speak_too(owner: User) -> None:
    in_russian(owner)
    basic = APIClient()
    pair = b64encode(f"owner:{PASSWORD}".encode()).decode()
    basic.credentials(HTTP_AUTHORIZATION=f"Basic {pair}")
    assert CYRILLIC.search(basic.get("/bots/0").json()["message"])
    session = Client()
    session.force_login(owner)
    assert CYRILLIC.search(session.get("/bots/0").json()["message"])


def test_the_admin_speaks_one_language(staff: User) -> None:
    page: Any = Client(headers={"accept-language": "ru"})
    page.force_login(staff)
    assert "Site administration" in page.get("/admin/").content.decode()
