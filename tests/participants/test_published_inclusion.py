"""Whoever has a code can be shown to stand in the sealed list, without downloading it."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from participants import draw
from participants.draw import entries as sealing
from participants.models import Draw, Entry
from participants.services import inclusion
from tests.scene import Scene

Api = Callable[[User | None], APIClient]


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BLOCK_LINES", 4)
    monkeypatch.setattr(draw, "BLOCK_LINES", 4)


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("entrants", [1, 4, 11])
def test_every_code_has_a_proof_under_the_sealed_root(scene: Scene, api: Api, entrants: int) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, entrants, told=False)
    giveaway = scene.finished(giveaway)
    root = draw.parse_closing(Draw.objects.get().closing_record.encode())["merkle_root"]
    for code in Entry.objects.values_list("code", flat=True):
        proof = api(None).get(f"/draws/{giveaway.public_id}/inclusion/{code}").json()
        assert proof["merkle_root"] == root
        assert draw.verify_inclusion(
            f"{code} {proof['weight']}".encode(),
            [bytes.fromhex(node) for node in proof["path"]],
            index=proof["index"],
            size=proof["size"],
            root=bytes.fromhex(root),
        )


def test_a_list_sealed_before_blocks_were_kept_has_proofs_too(scene: Scene) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 5, told=False)
    scene.finished(giveaway)
    row = Draw.objects.select_related("giveaway").get()
    code = Entry.objects.order_by("code")[3].code
    proved = inclusion.prove(row, code)
    row.block_roots = b""
    assert inclusion.prove(row, code) == proved


def test_a_foreign_code_has_none(scene: Scene, api: Api) -> None:
    giveaway = scene.finished(scene.published())
    assert api(None).get(f"/draws/{giveaway.public_id}/inclusion/{'a' * 32}").status_code == 404
    assert api(None).get(f"/draws/{giveaway.public_id}/inclusion/short").status_code == 404
