"""sandbox/environment.sh: the Python environment is made once, and again only when it has to be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "sandbox" / "environment.sh"


def shell(directory: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-euc", f". {SCRIPT}; {command}"],
        cwd=directory,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose .venv notes what pip is asked for, and fails when the file fail exists."""
    (tmp_path / "requirements-x.txt").write_text("first\n")
    pip = '[ "$3" = --version ] || { echo "$@" >>asked; [ ! -e fail ] || { echo "pip: no such thing"; exit 1; }; }'
    program(tmp_path / ".venv" / "bin" / "python", f'[ "$1" = -c ] || {{ {pip}; }}')
    return tmp_path


def asked(project: Path) -> int:
    """How often pip was asked to install."""
    file = project / "asked"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_packages_are_installed_once_by_hash_and_again_when_the_pins_change(project: Path) -> None:
    for _ in range(2):
        assert shell(project, "prepare_environment requirements-x.txt").returncode == 0
    assert asked(project) == 1
    assert "--require-hashes --requirement requirements-x.txt" in (project / "asked").read_text()
    (project / "requirements-x.txt").write_text("second\n")
    shell(project, "prepare_environment requirements-x.txt")
    assert asked(project) == 2


def test_an_install_that_failed_shows_pips_words_and_is_done_again(project: Path) -> None:
    (project / "fail").touch()
    done = shell(project, "prepare_environment requirements-x.txt; echo unreached")
    assert done.returncode != 0
    assert "pip: no such thing" in done.stderr
    assert "could not install requirements-x.txt" in done.stderr
    assert "unreached" not in done.stdout
    (project / "fail").unlink()
    assert shell(project, "prepare_environment requirements-x.txt").returncode == 0
    assert asked(project) == 2


def test_a_missing_environment_is_made_by_a_python_that_is_new_enough(tmp_path: Path) -> None:
    (tmp_path / "requirements-x.txt").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    program(tmp_path / "bin" / "python3.12", "exit 127")
    done = shell(tmp_path, "prepare_environment requirements-x.txt", PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".venv" / ".requirements-x").exists()


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for name in ("python3.13", "python3.12", "python3.11"):
        program(tmp_path / "bin" / name, "exit 127")
    program(tmp_path / "bin" / "python3", '[ "$1" != --version ] || { echo Python 3.9.2; exit 0; }; exit 1')
    done = shell(tmp_path, "make_environment", PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    assert done.returncode != 0
    assert done.stderr == "telegive: Python 3.11 or newer is needed; this machine has Python 3.9.2.\n"
