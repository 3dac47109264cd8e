"""`Prefer: wait=N`, and waiting itself."""

import itertools
import time

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.api import wait_seconds, wait_until


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=5", 5),
        ("respond-async, wait=3", 3),
        ("wait=0", 0),
        ("WAIT = 2", 2),
        ('wait="4"', 4),
        ("wait=60", 10),
        ("wait=3; foo=bar", 3),
        ("wait=-1", 0),
        ("wait=soon", 0),
        ("await=5", 0),
        ("", 0),
    ],
)
def test_the_header_says_how_long(header: str, seconds: float) -> None:
    request = Request(APIRequestFactory().get("/", headers={"prefer": header}))
    assert wait_seconds(request) == seconds


def test_without_the_header_the_default_holds() -> None:
    assert wait_seconds(Request(APIRequestFactory().get("/")), default=1.5) == 1.5


def test_it_asks_until_the_answer_is_true() -> None:
    answers = itertools.chain([None, None], itertools.repeat("done"))
    assert wait_until(lambda: next(answers), seconds=5) == "done"


def test_it_asks_once_without_time() -> None:
    asked = []
    assert wait_until(lambda: asked.append(1), seconds=0) is None
    assert asked == [1]


def test_it_gives_up_in_time() -> None:
    started = time.monotonic()
    assert wait_until(lambda: None, seconds=0.1) is None
    assert 0.1 <= time.monotonic() - started < 1
