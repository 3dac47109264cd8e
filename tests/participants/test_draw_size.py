"""A big draw: memory does not grow with the list, and we are no slower than the stand-alone verifier."""

import hashlib
import time
import tracemalloc
from base64 import b32hexencode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import draw as benchmark
from participants import draw, verify_draw

KEY = bytes(range(32))
MANY = 100_000
# base32 counts letters before digits, bytes sort the other way round
IN_BYTE_ORDER = bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", b"234567abcdefghijklmnopqrstuvwxyz")


def entries(size: int) -> Iterator[draw.Entry]:
    """Sorted codes without a list of them."""
    for number in range(size):
        yield b32hexencode(number.to_bytes(20, "big")).translate(IN_BYTE_ORDER).decode(), 1


def peak_bytes(act: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def seconds(act: Callable[[], object]) -> float:
    """The best of three, in processor time, so that neighbours on the machine do not count."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        act()
        times.append(time.process_time() - begun)
    return min(times)


def verifier_pass(lines: list[bytes]) -> str:
    listed = verify_draw.EntryList(lines, 1, True)
    best = min((verify_draw.score(KEY, code, weight), code) for code, weight in listed)
    assert listed.merkle_root()
    return best[1].decode()


@pytest.mark.parametrize(
    "act",
    [
        lambda size: draw.ranking(entries(size), KEY, 10),
        lambda size: draw.seal(entries(size)),
        lambda size: draw.inclusion_proof(
            (hashlib.sha256(b"%d" % number).digest() for number in range(size)), index=5, size=size
        ),
    ],
    ids=["ranking", "seal", "inclusion_proof"],
)
def test_memory_does_not_grow_with_the_list(act):
    small, big = (peak_bytes(lambda size=size: act(size)) for size in (1000, 20_000))
    assert big < small * 1.5 + 20_000


def test_the_verifier_holds_no_list_in_memory(tmp_path: Path):
    def run(size: int) -> int:
        path = tmp_path / f"{size}.txt"
        with path.open("wb") as file:
            file.writelines(draw.entry_lines(entries(size)))
        with path.open("rb") as lines:
            return peak_bytes(lambda: verifier_pass(lines))

    small, big = run(1000), run(20_000)
    assert big < small * 1.5 + 20_000


def test_sealing_and_ranking_are_no_slower_than_the_verifier():
    listed = list(entries(MANY))
    lines = list(draw.entry_lines(listed))
    assert draw.ranking(listed, KEY, 1)[0].code == verifier_pass(lines)
    ours = seconds(lambda: (draw.seal(listed), draw.ranking(listed, KEY, 10)))
    assert ours < 1.5 * seconds(lambda: verifier_pass(lines))


def test_ten_times_the_entries_take_about_ten_times_as_long():
    few, many = list(entries(MANY // 10)), list(entries(MANY))
    assert seconds(lambda: draw.ranking(many, KEY, 10)) < 20 * seconds(lambda: draw.ranking(few, KEY, 10))


def test_the_benchmark_compares_both_on_the_same_file():
    results = benchmark.measure(2000, runs=1)
    verifier, ours = results.values()
    assert ours["megabytes"] < 64 > verifier["megabytes"]
    assert "2,000 entries" in benchmark.table(results, 2000)
