"""Reading the partner: an answer is believed when every part of it is as agreed, and else says nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from offers.answers import Outcome
from offers.gateway import HttpPartner, Unbelievable, read
from offers.models import Offer, Transaction
from sandbox.server import serving

ID = "7b0c7f0e-1111-4222-8333-444455556666"
GOOD = {"transaction_id": ID, "status": "active", "reference": "S-1", "reason": ""}
FINAL = {Outcome.ACTIVE, Outcome.REFUSED, Outcome.CANCELLED}


def told(**changed: Any) -> bytes:
    return json.dumps(GOOD | changed).encode()


def test_a_good_answer_is_believed() -> None:
    answer = read(told(), ID, "activate")
    assert (answer.outcome, answer.reference) == (Outcome.ACTIVE, "S-1")


def test_what_may_be_missing_is_empty() -> None:
    body = json.dumps({"transaction_id": ID, "status": "refused", "more": 1}).encode()
    answer = read(body, ID, "activate")
    assert (answer.outcome, answer.reference, answer.reason) == (Outcome.REFUSED, "", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"[]",
        b"\xff\xfe",
        b"[" * 16_000,
        told() * 2,
        told()[:-1],
        told(transaction_id="7b0c7f0e-1111-4222-8333-444455556667"),
        told(transaction_id=None),
        told(status="ACTIVE"),
        told(status=True),
        told(status=["active"]),
        told(status="absent"),
        told(reference=""),
        told(reference=None),
        told(reference=7),
        told(reference="x" * 101),
        told(reference="S\u00001"),
        told(reference="S\ud800"),
        told(reason="x" * 201),
        told(reason=["no"]),
    ],
)
def test_anything_else_is_not_believed(body: bytes) -> None:
    with pytest.raises(Unbelievable):
        read(body, ID, "activate")


@pytest.mark.parametrize(
    ("question", "status"), [("activate", "absent"), ("cancel", "absent"), ("status", "unknown")]
)
def test_an_answer_to_another_question_is_not_believed(question: str, status: str) -> None:
    with pytest.raises(Unbelievable):
        read(told(status=status), ID, question)


ODD = [
    None,
    True,
    0,
    1.5,
    "",
    "\u0000",
    "\ud800",
    "x" * 150,
    [],
    ["active"],
    {},
    ID,
    "active",
    "refused",
    "absent",
]


@given(st.fixed_dictionaries({}, optional={name: st.sampled_from(ODD) for name in GOOD}))
def test_whatever_comes_it_is_an_answer_about_us_or_none(answer: dict[str, Any]) -> None:
    try:
        found = read(json.dumps(answer).encode(), ID, "activate")
    except Unbelievable:
        return
    assert answer["transaction_id"] == ID
    assert answer["status"] == found.outcome
    assert found.reference.isprintable() and len(found.reference) <= 100


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    with pytest.raises(Unbelievable):
        read(body, ID, "status")


# --- over HTTP: what a body alone does not show ---------------------------------------------------------------


@pytest.fixture
async def told_by(settings: Any) -> AsyncIterator[Any]:
    """`await told_by(response)` is what we understand when the partner answers so."""
    given: list[web.Response] = []

    async def serve(_: web.Request) -> web.Response:
        return given.pop()

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", serve)
    partner = HttpPartner()
    async with serving(app, "127.0.0.1", 0) as port:
        settings.PARTNER_URL = f"http://127.0.0.1:{port}/v1"

        async def ask(response: web.Response) -> Any:
            given.append(response)
            return await partner.activate(Transaction(public_id=ID, offer=Offer(), kind="activation"))

        yield ask
        await partner.close()


async def test_a_sound_answer_over_http(told_by: Any) -> None:
    answer = await told_by(web.json_response(GOOD))
    assert answer.outcome is Outcome.ACTIVE


@pytest.mark.parametrize(
    "response",
    [
        {"body": told(), "status": 201, "content_type": "application/json"},
        {"body": told(), "status": 404, "content_type": "application/json"},
        {"body": told(), "status": 401, "content_type": "application/json"},
        {"body": told(), "status": 302, "headers": {"Location": "/elsewhere"}},
        {"body": told(), "content_type": "text/html"},
        {"body": told(reason="x" * 20_000), "content_type": "application/json"},
        {"body": b"x" * 5_000_000, "content_type": "application/json"},
    ],
)
async def test_an_answer_that_does_not_look_like_one_says_nothing(told_by: Any, response: Any) -> None:
    answer = await told_by(web.Response(**response))
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.outcome not in FINAL
    assert answer.reason
