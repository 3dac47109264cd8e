"""The image: built from pinned packages only, run by nobody in particular, without secrets or sandbox."""

import fnmatch
import re

import pytest

from tests.deploy.compose import ROOT

LINES = (ROOT / "Dockerfile").read_text(encoding="utf8").replace("\\\n", " ").splitlines()
STEPS = [line.split(maxsplit=1) for line in LINES if line and not line.startswith("#")]
RUNS = [step[1] for step in STEPS if step[0] == "RUN"]
IGNORED = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf8").splitlines()
    if line and not line.startswith("#")
]


def test_it_runs_as_an_ordinary_user() -> None:
    users = [step[1] for step in STEPS if step[0] == "USER"]
    assert re.fullmatch(r"[1-9]\d{3,}(:[1-9]\d{3,})?", users[-1])
    assert STEPS[-1][0] == "CMD"


def test_it_installs_only_what_is_pinned_by_hash() -> None:
    installs = [run for run in RUNS if re.search(r"\b(pip|uv|apt|apk|apt-get) ", run)]
    assert len(installs) == 1
    assert "--require-hashes --requirement /tmp/requirements.txt" in installs[0]
    assert next(step[1] for step in STEPS if step[0] == "COPY").startswith("requirements.txt ")


def test_it_is_built_in_stages_of_one_small_image() -> None:
    images = [step[1].split()[0] for step in STEPS if step[0] == "FROM"]
    assert images == ["python:3.12-slim"] * 2


def test_it_carries_no_secret() -> None:
    last = max(index for index, step in enumerate(STEPS) if step[0] == "FROM")
    text = " ".join(step[1] for step in STEPS[last:])
    assert not re.search(r"SECRET_KEY|ENCRYPTION_KEYS|SIGNING_KEY|PASSWORD|_URL", text)
    assert not [step for step in STEPS if step[0] == "ARG"]


@pytest.mark.parametrize(
    "name", [".env", ".env.local", ".git", ".venv", "var", "sandbox", "tests", "docs", "requirements-dev.txt"]
)
def test_it_leaves_out_what_it_must_not_hold(name: str) -> None:
    assert any(fnmatch.fnmatch(name, pattern) for pattern in IGNORED)


def is_left_out(name: str) -> bool:
    """As Docker reads .dockerignore: the last line that matches decides."""
    last = [line for line in IGNORED if fnmatch.fnmatch(name, line.removeprefix("!"))][-1:]
    return bool(last) and not last[0].startswith("!")


def test_every_file_it_copies_by_name_reaches_the_build() -> None:
    copied = [step[1].split() for step in STEPS if step[0] == "COPY" and not step[1].startswith("--from")]
    named = [name for words in copied for name in words[:-1] if name != "."]
    assert named
    assert [name for name in named if is_left_out(name)] == []


@pytest.mark.parametrize(
    "name",
    [
        "manage.py",
        "requirements.txt",
        "config",
        "accounts",
        "bots",
        "broadcasts",
        "giveaways",
        "participants",
    ],
)
def test_it_holds_the_platform(name: str) -> None:
    assert not any(fnmatch.fnmatch(name, pattern) for pattern in IGNORED)
