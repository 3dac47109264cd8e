"""After the draw everything can be checked by anybody; before it nothing of it can be read by anybody."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from broadcasts.models import Broadcast
from giveaways.models import Giveaway, Status
from giveaways.services import life
from participants.models import Entry, Place
from participants.services import draws
from tests.giveaways.rows import make_giveaway
from tests.scene import OWNER, Scene

Api = Callable[[User | None], APIClient]
FILES = ["proof.json", "entries.txt", "verify_draw.py"]


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def downloaded(client: APIClient, giveaway: Giveaway, folder: Path) -> Path:
    for name in FILES:
        answer = client.get(f"/draws/{giveaway.public_id}/{name}")
        assert answer.status_code == 200
        (folder / name).write_bytes(body(answer))
    return folder


def verify(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the downloaded verifier on the downloaded files, with nothing of ours in reach."""
    command = [sys.executable, "-I", "verify_draw.py", "proof.json", "entries.txt", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_the_published_files_verify(scene: Scene, api: Api, tmp_path: Path) -> None:
    giveaway = scene.published(winner_count=2)
    people = scene.enrolled(giveaway, 5, told=False)
    scene.control.leave(scene.channel, people[0])
    giveaway = scene.finished(giveaway)
    posted = scene.control.posts(scene.channel)[0]["text"].split("Sealed draw: ")[1].split()[0]
    folder = downloaded(api(None), giveaway, tmp_path)
    told = verify(folder, "--open-sha256", posted)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "VERIFIED"), told.stdout
    winners = Place.objects.filter(verdict="winner").values_list("entry__code", flat=True)
    assert [line for line in told.stdout.splitlines() if line.startswith("winner")] == [
        f"winner {place}: {code}" for place, code in enumerate(winners, start=1)
    ]


def test_whoever_was_skipped_stands_in_the_proof_with_the_reason(
    scene: Scene, api: Api, tmp_path: Path
) -> None:
    giveaway = scene.published()
    people = scene.enrolled(giveaway, 3, told=False)
    for person in people[:2]:
        scene.control.leave(scene.channel, person)
    folder = downloaded(api(None), scene.finished(giveaway), tmp_path)
    skipped = dict(Place.objects.filter(verdict="skipped").values_list("entry__code", "reason"))
    assert json.loads((folder / "proof.json").read_text())["skipped"] == skipped
    assert set(skipped.values()) <= {"not_subscribed"}
    assert verify(folder).returncode == 0


def test_a_winner_put_in_by_hand_is_refused(scene: Scene, api: Api, tmp_path: Path) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 3, told=False)
    folder = downloaded(api(None), scene.finished(giveaway), tmp_path)
    proof = json.loads((folder / "proof.json").read_text())
    losers = Entry.objects.exclude(code__in=proof["winners"])
    (folder / "proof.json").write_text(json.dumps({**proof, "winners": [losers[0].code]}))
    told = verify(folder)
    assert (told.returncode, "REFUSED" in told.stdout) == (1, True)


def test_a_draw_without_participants_verifies(scene: Scene, api: Api, tmp_path: Path) -> None:
    folder = downloaded(api(None), scene.finished(scene.published()), tmp_path)
    assert (folder / "entries.txt").read_bytes() == b""
    assert verify(folder).returncode == 0


def test_the_list_holds_codes_only_in_bytewise_order(scene: Scene, api: Api) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 5, told=False)
    lines = body(api(None).get(f"/draws/{scene.finished(giveaway).public_id}/entries.txt")).splitlines()
    codes = sorted(Entry.objects.values_list("code", flat=True), key=str.encode)
    assert lines == [f"{code} 1".encode() for code in codes]


def test_the_page_shows_the_winners_codes_and_no_names(scene: Scene, api: Api) -> None:
    giveaway = scene.published(title="<script>alert(1)</script>")
    scene.enter(giveaway, scene.subscriber("Zebedee"))
    giveaway = scene.finished(giveaway)
    page = body(api(None).get(f"/draws/{giveaway.public_id}/")).decode()
    assert Entry.objects.get().code in page
    assert "Zebedee" not in page
    assert "Z•••" in page
    assert "<script>" not in page


# Before the draw ----------------------------------------------------------------------------------
PATHS = [
    "/draws/{public}/", "/draws/{public}/proof.json", "/draws/{public}/entries.txt",
    "/draws/{public}/verify_draw.py", "/draws/{public}/inclusion/{code}", "/draws/{id}/",
    "/api/giveaways/{id}", "/api/giveaways/active/{account}", "/api/giveaways/history/{account}",
    "/api/giveaways/{id}/stats", "/api/giveaways/{id}/logs", "/api/giveaways/{id}/validate",
    "/api/giveaways/by-token/{token}", "/api/participants/list/{id}", "/api/participants/count/{id}",
    "/api/participants/stats/{id}", "/api/participants/winner-status/{person}/{id}",
    "/api/participants/history/{person}", "/api/participants/captcha-status/{person}",
    "/api/participants/export/{id}",
]  # fmt: skip


def secrets(giveaway: Giveaway) -> Iterator[str]:
    """What nobody may read before the draw: the seed, and every nonce."""
    yield draws.seed_of(giveaway).hex()
    yield giveaway.seed_encrypted
    yield from Entry.objects.values_list("nonce", flat=True)


@pytest.fixture
def sealed(scene: Scene) -> Giveaway:
    """A giveaway whose list is sealed and whose verdicts are partly known, an instant before its draw is done."""
    giveaway = scene.published(winner_count=2)
    scene.enrolled(giveaway, 3, told=False)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    draws.close(giveaway_id=giveaway.pk)
    row = draws.claim_draw()
    assert row
    draws.judge(place_id=draws.candidates(row)[0].pk, subscribed=True)
    giveaway.refresh_from_db()
    return giveaway


def addresses(giveaway: Giveaway) -> dict[str, Any]:
    entry = Entry.objects.select_related("person")[0]
    return {
        "public": giveaway.public_id,
        "id": giveaway.pk,
        "account": giveaway.account_id,
        "token": giveaway.result_token,
        "code": entry.code,
        "person": entry.person.telegram_id,
    }


@pytest.mark.parametrize("who", ["owner", "stranger", "staff", "nobody"])
def test_nothing_of_the_draw_can_be_read_before_it(
    sealed: Giveaway, owner: User, stranger: User, staff: User, api: Api, who: str
) -> None:
    client = api({"owner": owner, "stranger": stranger, "staff": staff, "nobody": None}[who])
    known = [*secrets(sealed), '"is_winner":true', '"is_winner":false']
    if who in ("stranger", "nobody"):
        known.append(Place.objects.get(verdict="winner").entry.code)
    answers = {path: body(client.get(path.format(**addresses(sealed)))).decode() for path in PATHS}
    assert [(path, word) for path, text in answers.items() for word in known if word in text] == []


@pytest.mark.parametrize("name", [*FILES, "inclusion/" + "a" * 32])
def test_the_files_are_not_there_before_the_draw(sealed: Giveaway, api: Api, name: str) -> None:
    assert api(None).get(f"/draws/{sealed.public_id}/{name}").status_code == 404


def test_the_page_is_kept_for_a_moment_and_sent_again_only_when_it_changed(scene: Scene, api: Api) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 2, told=False)
    path = f"/draws/{scene.finished(giveaway).public_id}/"
    first = api(None).get(path)
    assert (first["Cache-Control"], first["Vary"]) == ("public, max-age=60", "Accept-Language, origin")
    assert api(None).get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    assert api(None).get(f"{path}?lang=ru", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    assert "script-src 'self'" in first["Content-Security-Policy"]


def test_it_speaks_the_readers_language(sealed: Giveaway, api: Api) -> None:
    path = f"/draws/{sealed.public_id}/"
    for about, words in [
        ({"HTTP_ACCEPT_LANGUAGE": "ru-RU,ru;q=0.9,en;q=0.5"}, "Приём участников закрыт"),
        ({"HTTP_ACCEPT_LANGUAGE": "de,en;q=0.5"}, "Entries are closed"),
        ({"HTTP_ACCEPT_LANGUAGE": "ru", "QUERY_STRING": "lang=en"}, "Entries are closed"),
        ({"QUERY_STRING": "lang=%3Cscript%3E"}, "Entries are closed"),
    ]:
        assert words in body(api(None).get(path, **about)).decode()


def test_nothing_inline_runs_on_the_page(scene: Scene, api: Api) -> None:
    page = body(api(None).get(f"/draws/{scene.finished(scene.published()).public_id}/")).decode()
    scripts = re.findall(r"<script[^>]*>", page)
    assert sorted(scripts) == [
        '<script id="texts" type="application/json">',
        '<script type="module" src="/static/participants/draw.js">',
    ]
    assert " style=" not in page
    assert "onclick" not in page


def test_the_page_says_that_the_list_is_closed(sealed: Giveaway, api: Api) -> None:
    page = body(api(None).get(f"/draws/{sealed.public_id}/")).decode()
    assert "Entries are closed" in page
    assert not [code for code in Entry.objects.values_list("code", flat=True) if code in page]


def test_a_final_message_is_read_by_its_owner_alone_before_the_end(
    scene: Scene, api: Api, stranger: User
) -> None:
    giveaway = scene.published(winner_message="The code is 1234", loser_message="Alas, alas")
    person = scene.subscriber()
    scene.enter(giveaway, person)
    for path in PATHS:
        for user in (stranger, None):
            text = body(api(user).get(path.format(**addresses(giveaway)))).decode()
            assert "1234" not in text
            assert "Alas" not in text
    assert not any("1234" in said or "Alas" in said for said in scene.heard(person))


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHING, Status.ACTIVE, Status.FINISHING])
def test_a_result_token_tells_only_that_it_runs(owner: User, api: Api, status: Status) -> None:
    giveaway = make_giveaway(owner, status)
    answer = api(None).get(f"/api/giveaways/by-token/{giveaway.result_token}")
    assert (answer.status_code, answer.json()) == (200, {"giveaway": {"status": "running"}})


def test_a_result_token_tells_of_a_cancelled_one(owner: User, api: Api) -> None:
    giveaway = make_giveaway(owner, Status.CANCELLED)
    answer = api(None).get(f"/api/giveaways/by-token/{giveaway.result_token}")
    assert answer.json() == {"giveaway": {"status": "cancelled"}}


def test_after_the_draw_the_token_shows_the_result(scene: Scene, api: Api) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 2, told=False)
    giveaway = scene.finished(giveaway)
    told = api(None).get(f"/api/giveaways/by-token/{giveaway.result_token}").json()["giveaway"]
    assert told.pop("finished_at")
    assert told == {
        "status": "finished",
        "title": "A bag of coffee",
        "total_participants": 2,
        "winner_codes": [Place.objects.get(verdict="winner").entry.code],
        "draw_url": f"http://testserver/draws/{giveaway.public_id}/",
    }


@pytest.mark.parametrize(
    "token", ["short", "x" * 31, "x" * 33, "x" * 31 + "!", "x" * 31 + "%00", "%F0%9F%8E%81", "١" * 32]
)
def test_a_malformed_token_is_refused(db: None, api: Api, token: str) -> None:
    answer = api(None).get(f"/api/giveaways/by-token/{token}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_TOKEN_FORMAT")


def test_an_unknown_token_is_not_found(db: None, api: Api) -> None:
    assert api(None).get(f"/api/giveaways/by-token/{'x' * 32}").status_code == 404


def test_no_answer_to_anybody_but_the_owner_holds_the_token(scene: Scene, api: Api) -> None:
    giveaway = scene.published()
    person = scene.subscriber()
    scene.enter(giveaway, person)
    page = body(api(None).get(f"/draws/{giveaway.public_id}/")).decode()
    assert giveaway.result_token not in page + "".join(scene.heard(person))
    assert not Broadcast.objects.exists()
