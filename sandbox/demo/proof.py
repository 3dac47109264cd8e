"""The published proof of a draw: downloaded without a login, checked by the script that comes with it."""

import json
import subprocess
import sys
from pathlib import Path

from sandbox.client import Client, Refused
from sandbox.demo.facts import Proof

FILES = ("proof.json", "entries.txt", "verify_draw.py")
VERIFIER_SECONDS = 120


def download(web: Client, public_id: str, directory: Path) -> None:
    for name in FILES:
        (directory / name).write_bytes(web.fetch("GET", f"/draws/{public_id}/{name}"))


def status_of(web: Client, path: str) -> int:
    """The HTTP status a stranger gets."""
    try:
        web.fetch("GET", path)
    except Refused as refused:
        return refused.status
    return 200


def check(directory: Path) -> Proof:
    """Runs the verifier alone: its own files, nothing of the platform's Python environment."""
    said = subprocess.run(
        [sys.executable, "-I", "verify_draw.py", "proof.json", "entries.txt"],
        cwd=directory, capture_output=True, text=True, timeout=VERIFIER_SECONDS, check=False,
    )  # fmt: skip
    lines = (said.stdout + said.stderr).strip().splitlines()
    entries = (directory / "entries.txt").read_text().splitlines()
    return Proof(
        directory=directory,
        proof=json.loads((directory / "proof.json").read_text()),
        codes=frozenset(line.partition(" ")[0] for line in entries),
        exit_code=said.returncode,
        last_line=lines[-1] if lines else "nothing said",
    )
