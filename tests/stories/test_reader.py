"""A reader who believes nobody and checks the draw with three downloaded files."""

import re
import subprocess
import sys
from pathlib import Path

from rest_framework.test import APIClient

from tests.scene import Scene


def test_a_reader_checks_the_draw_with_nothing_but_python(scene: Scene, tmp_path: Path) -> None:
    giveaway = scene.published(winner_count=2)
    ann = scene.subscriber("Ann")
    scene.enter(giveaway, ann)
    code = re.findall(r"Your code: (\w+)", scene.last(ann))[0]
    scene.enrolled(giveaway, 4, told=False)
    promised = re.findall(r"[0-9a-f]{64}", scene.control.posts(scene.channel)[0]["text"])[0]
    scene.finished(giveaway)

    conclusion = scene.control.posts(scene.channel)[-1]["text"]
    sealed = re.findall(r"[0-9a-f]{64}", conclusion)[0]
    address = re.findall(r"http://testserver(/draws/\S+)", conclusion)[0]
    reader = APIClient()
    page = reader.get(address).content.decode()
    assert promised in page
    for name in re.findall(r'href="([a-z_]+\.(?:json|txt|py))"', page):
        answer = reader.get(address + name)
        (tmp_path / name).write_bytes(b"".join(answer) if answer.streaming else answer.content)
    assert code in (tmp_path / "entries.txt").read_text()

    command = [sys.executable, "-I", "verify_draw.py", "proof.json", "entries.txt"]
    posted = ["--open-sha256", promised, "--close-sha256", sealed]
    told = subprocess.run(
        [*command, *posted], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "VERIFIED")
    assert [winner in page for winner in re.findall(r"winner \d: (\w+)", told.stdout)] == [True, True]
