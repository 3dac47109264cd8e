"""A draw of a million entries: ours beside the stand-alone verifier, on the same file, in one run.

    python -m benchmarks.draw [--entries 1000000] [--runs 3] [--database] [--json FILE]

Every contender is a fresh process, run in turn; the best of the runs counts, in processor seconds, because neighbours
on the machine are not part of it. `ours` seals the list and ranks it, two passes over the file. With --database it
also closes and ranks from PostgreSQL, as a worker does (it needs DATABASE_URL and REDIS_URL and removes its rows);
there memory is what the worker grew by.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from base64 import b32encode
from collections.abc import Iterator
from pathlib import Path

from giveaways import promise
from participants import draw

SEED = bytes(range(32))
SIGNATURE = bytes.fromhex(
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
CLOSED_AT = 1692806304
WINNERS = 10
ROOT = Path(__file__).parents[1]
# Linux counts what a process was before it became another program: a small one in between keeps that small.
LAUNCHER = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps({"seconds": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}))
sys.exit(child.returncode)
"""


def codes(count: int) -> list[str]:
    """Sorted codes that look like any others."""
    digests = (hashlib.sha256(b"%d" % number).digest()[:20] for number in range(count))
    return sorted(b32encode(digest).decode().lower() for digest in digests)


def write_draw(folder: Path, count: int) -> None:
    """proof.json and entries.txt of a finished public draw."""
    opening = promise.opening_record(
        giveaway="bench", winners=WINNERS, max_tickets=1, seed=SEED, beacon=promise.QUICKNET, beacon_delay=60,
        rules="rules",
    )  # fmt: skip
    with (folder / "entries.txt").open("wb") as file:
        file.writelines(b"%b 1\n" % code.encode() for code in codes(count))
    sealed = draw.seal(entries_in(folder))
    closing = draw.closing_record(opening=opening, closed_at=CLOSED_AT, sealed=sealed)
    key = draw.prk(seed=SEED, randomness=draw.randomness(SIGNATURE), open_sha256=promise.sha256_hex(opening))
    ranked = draw.ranking(entries_in(folder), key, WINNERS)
    proof = draw.proof(
        opening=opening, closing=closing, seed=SEED, beacon_round=1000, signature=SIGNATURE, skipped={},
        winners=[place.code for place in ranked], skips=[],
    )  # fmt: skip
    (folder / "proof.json").write_text(json.dumps(proof))
    (folder / "key").write_bytes(key)


def entries_in(folder: Path) -> Iterator[tuple[str, int]]:
    with (folder / "entries.txt").open() as lines:
        for line in lines:
            yield line[:32], int(line[33:])


def ours(folder: Path) -> str:
    """Seals and ranks the file; the first winner."""
    draw.seal(entries_in(folder))
    return draw.ranking(entries_in(folder), (folder / "key").read_bytes(), WINNERS)[0].code


# Measuring -------------------------------------------------------------------------------------------
def run(command: list[str]) -> dict[str, float]:
    """Processor seconds and peak memory of a whole process."""
    told = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    taken: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return taken


def best(runs: list[dict[str, float]]) -> dict[str, float]:
    """The fastest run, with the most memory any of them took."""
    return {
        "seconds": round(min(each["seconds"] for each in runs), 3),
        "megabytes": round(max(each["megabytes"] for each in runs), 1),
    }


def measure(count: int, runs: int) -> dict[str, dict[str, float]]:
    """Both contenders on the same file, in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run([sys.executable, "-m", "benchmarks.draw", "--write", name, "--entries", str(count)])
        files = [str(folder / "proof.json"), str(folder / "entries.txt")]
        commands = {
            "verify_draw.py, standard library": [sys.executable, "-I", "participants/verify_draw.py", *files],
            "ours: seal and rank": [sys.executable, "-m", "benchmarks.draw", "--one", name],
        }
        taken: dict[str, list[dict[str, float]]] = {contender: [] for contender in commands}
        for _ in range(runs):
            for contender, command in commands.items():
                taken[contender].append(run(command))
    return {contender: best(each) for contender, each in taken.items()}


def measure_database(count: int) -> dict[str, dict[str, float]]:
    """Closing and ranking from PostgreSQL, in a worker of its own."""
    command = [sys.executable, "-m", "benchmarks.draw_database", "--entries", str(count)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {"ours: close and rank from PostgreSQL": best([json.loads(told.splitlines()[-1])])}


def table(results: dict[str, dict[str, float]], count: int) -> str:
    width = max(map(len, results))
    lines = [f"{count:,} entries".ljust(width) + "   seconds   MB   µs/entry"]
    for name, told in results.items():
        each = told["seconds"] / count * 1e6
        lines.append(f"{name:<{width}} {told['seconds']:>9.2f} {told['megabytes']:>5.0f} {each:>10.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--database", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write_draw(options.write, options.entries)
        return
    if options.one:
        ours(options.one)
        return
    results = measure(options.entries, options.runs)
    if options.database:
        results |= measure_database(options.entries)
    print(table(results, options.entries))
    if options.json:
        options.json.write_text(json.dumps({"entries": options.entries, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
