"""Log lines: JSON, and never a secret, whoever writes them and wherever it hides."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from config.logs import logging_config, without_secrets

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJl"
SECRETS = [
    TOKEN,
    f"https://api.telegram.org/bot{TOKEN}/getMe",
    JWT,
    f"Authorization: Bearer {JWT}",
    "Authorization: Basic b3duZXI6cGFzc3dvcmQ=",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_hidden_at_any_depth(secret: str) -> None:
    shown = str(without_secrets({"a": [secret, {"b": (secret, f"before {secret} after")}]}))
    for part in (TOKEN, JWT, "b3duZXI6cGFzc3dvcmQ"):
        assert part not in shown
    assert "[hidden]" in shown
    assert "before" in shown


@pytest.mark.parametrize(
    "plain", ["12:30:45", "ratio 10:1", "chat -1001234567890", "basics", "2026-11-21T03:04:05"]
)
def test_what_is_no_secret_stays(plain: str) -> None:
    assert without_secrets(plain) == plain


@pytest.fixture
def lines() -> Any:
    """Everything the formatter of settings.py writes during the test, parsed."""
    config = logging_config("INFO")
    factory = config["formatters"]["json"]["()"]
    arguments = {name: value for name, value in config["formatters"]["json"].items() if name != "()"}
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(factory(**arguments))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    logging_config("WARNING")


def test_a_line_of_the_standard_library_is_json(lines: Any) -> None:
    logging.getLogger("somewhere").warning("called %s", f"bot{TOKEN}/getMe")
    [line] = lines()
    assert line["event"] == "called bot[hidden]/getMe"
    assert (line["level"], line["logger"]) == ("warning", "somewhere")
    assert line["timestamp"].endswith("Z")


def test_a_traceback_hides_it_too(lines: Any) -> None:
    try:
        raise RuntimeError(f"POST https://api.telegram.org/bot{TOKEN}/sendMessage failed")
    except RuntimeError:
        logging.getLogger("somewhere").exception("crashed")
    [line] = lines()
    assert "RuntimeError" in line["exception"]
    assert TOKEN not in json.dumps(line)


def test_a_line_of_structlog_looks_the_same(lines: Any) -> None:
    structlog.get_logger("elsewhere").info("asked", url=f"https://x/bot{TOKEN}/a", code=200)
    [line] = lines()
    assert (line["event"], line["code"]) == ("asked", 200)
    assert TOKEN not in json.dumps(line)
