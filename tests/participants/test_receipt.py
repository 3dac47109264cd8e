"""What a participant holds: the code that stands for them, the nonce behind it, and our signature."""

import re
from base64 import b64decode

from rest_framework.test import APIClient

from participants import draw
from participants.models import Entry
from tests.scene import Scene

HELD = re.compile(
    r"code: (?P<code>[a-z2-7]{32})\n.*nonce (?P<nonce>[0-9a-f]{32})\nreceipt (?P<receipt>\S{88})", re.S
)


def held(said: str) -> dict[str, str]:
    found = HELD.search(said)
    assert found
    return found.groupdict()


def test_the_code_recomputes_from_person_and_nonce(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    paper = held(scene.enter(giveaway, person))
    nonce = bytes.fromhex(paper["nonce"])
    assert draw.entry_code(giveaway=giveaway.public_id, user_id=person, nonce=nonce) == paper["code"]


def test_the_receipt_verifies_with_the_published_key_for_exactly_this_entry(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    paper = held(scene.enter(giveaway, person))
    joined_at = int(Entry.objects.get().joined_at.timestamp())
    facts = {"giveaway": giveaway.public_id, "code": paper["code"], "weight": 1, "joined_at": joined_at}
    page = APIClient().get(f"/draws/{giveaway.public_id}/").content.decode()
    key = b64decode(re.findall(r"receipts \(Ed25519, base64\)</summary><dl><dd><code>(\S+)</code>", page)[0])
    assert draw.verify_receipt(key, paper["receipt"], **facts)
    assert not draw.verify_receipt(key, paper["receipt"], **{**facts, "joined_at": joined_at + 1})
    assert not draw.verify_receipt(key, paper["receipt"], **{**facts, "code": "a" * 32})


def test_every_entry_has_a_nonce_and_a_code_of_its_own(scene: Scene) -> None:
    giveaway = scene.published()
    for person in range(1, 21):
        scene.admit(giveaway, person)
    assert Entry.objects.values("code").distinct().count() == 20
    assert Entry.objects.values("nonce").distinct().count() == 20


def test_the_same_person_has_another_code_in_another_giveaway(scene: Scene, other_scene: Scene) -> None:
    for stage in (scene, other_scene):
        stage.admit(stage.published(), 5)
    assert len(set(Entry.objects.values_list("code", flat=True))) == 2
