"""The stand-alone verifier: accepts an honest draw, and names every tampering."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from giveaways import promise
from participants import draw

SCRIPT = Path(draw.__file__).parent.parent / "verify_draw.py"
SEED = bytes(range(32))
CLOSED_AT = 1692806304
ROUND = 1000
SIGNATURE = bytes.fromhex(
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
OTHER_SIGNATURE = (
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)


class Published:
    """The two files of one draw, and the verifier run on them."""

    def __init__(self, folder: Path, *, size: int, beacon: str, with_root: bool) -> None:
        self.folder = folder
        signature = None if beacon == "none" else SIGNATURE
        self.opening = promise.opening_record(
            giveaway="kat1",
            winners=2,
            max_tickets=3,
            seed=SEED,
            beacon=beacon,
            beacon_delay=60,
            rules="rules",
        )
        entries = sorted(
            (draw.entry_code(giveaway="kat1", user_id=user, nonce=bytes(16)), 1 + user % 3)
            for user in range(size)
        )
        self.closing = draw.closing_record(
            opening=self.opening, closed_at=CLOSED_AT, sealed=draw.seal(entries), with_root=with_root
        )
        key = draw.prk(
            seed=SEED,
            randomness=draw.randomness(signature),
            open_sha256=promise.sha256_hex(self.opening),
        )
        self.ranked = [place.code for place in draw.ranking(entries, key, size)]
        skipped = {self.ranked[1]: "left_channel"} if size > 1 else {}
        self.lines = list(draw.entry_lines(entries))
        self.proof: dict[str, Any] = draw.proof(
            opening=self.opening,
            closing=self.closing,
            seed=SEED,
            beacon_round=draw.promised_round(beacon=beacon, beacon_delay=60, closed_at=CLOSED_AT),
            signature=signature,
            skipped=skipped,
            winners=draw.winners(self.ranked, count=2, skipped=skipped),
        )

    def verify(self, *options: str, python: str = sys.executable) -> tuple[int, str]:
        """The exit code and what the verifier said, alone in an empty folder."""
        proof, entries = self.folder / "proof.json", self.folder / "entries.txt"
        proof.write_text(json.dumps(self.proof))
        entries.write_bytes(b"".join(self.lines))
        command = [python, "-I", "-W", "error", str(SCRIPT), str(proof), str(entries), *options]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        assert done.stderr == ""
        return done.returncode, done.stdout

    def refusal(self, *options: str) -> str:
        code, said = self.verify(*options)
        assert code == 1
        return said.splitlines()[-1]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path, size=40, beacon=promise.QUICKNET, with_root=True)


@pytest.mark.parametrize("size", [0, 1, 2, 40])
@pytest.mark.parametrize("with_root", [True, False])
@pytest.mark.parametrize("beacon", ["none", promise.QUICKNET], ids=["sealed", "public"])
def test_an_honest_draw_is_verified_and_its_winners_are_named(tmp_path, size, with_root, beacon):
    published = Published(tmp_path, size=size, beacon=beacon, with_root=with_root)
    code, said = published.verify()
    assert (code, said.splitlines()[-1]) == (0, "VERIFIED")
    for place, winner in enumerate(published.proof["winners"], start=1):
        assert f"winner {place}: {winner}" in said


def test_it_shows_the_hashes_to_compare_with_the_channel(published):
    said = published.verify()[1]
    assert f"open_sha256 {promise.sha256_hex(published.opening)}" in said
    assert f"close_sha256 {promise.sha256_hex(published.closing)}" in said
    assert f"skipped {published.ranked[1]}: 'left_channel'" in said


def swap_winners(published: Published) -> None:
    published.proof["winners"].reverse()


def put_a_friend_in(published: Published) -> None:
    published.proof["winners"][0] = published.ranked[-1]


def remove_the_skip(published: Published) -> None:
    published.proof["skipped"].clear()


def use_another_round(published: Published) -> None:
    published.proof["round"] += 1


def use_another_signature(published: Published) -> None:
    published.proof["signature"] = OTHER_SIGNATURE


def use_another_seed(published: Published) -> None:
    published.proof["seed"] = "00" * 32


def edit_the_opening(published: Published) -> None:
    published.proof["open"] = published.proof["open"].replace("winners=2", "winners=3")


def drop_an_entry(published: Published) -> None:
    del published.lines[7]


def change_a_weight(published: Published) -> None:
    weight = published.lines[7][33:34]
    published.lines[7] = published.lines[7][:33] + (b"1\n" if weight != b"1" else b"2\n")


def unsort_the_list(published: Published) -> None:
    published.lines[7], published.lines[8] = published.lines[8], published.lines[7]


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (swap_winners, "winners swapped"),
        (put_a_friend_in, "winners swapped"),
        (remove_the_skip, "a skip is missing"),
        (use_another_round, "another round"),
        (use_another_signature, "another signature"),
        (use_another_seed, "another seed"),
        (edit_the_opening, "opening record edited"),
        (drop_an_entry, "entries were dropped"),
        (change_a_weight, "a weight was changed"),
        (unsort_the_list, "the list is unsorted"),
    ],
)
@pytest.mark.parametrize("size", [9, 40])
def test_it_names_the_tampering(tmp_path, tamper: Callable[[Published], None], message, size):
    published = Published(tmp_path, size=size, beacon=promise.QUICKNET, with_root=True)
    tamper(published)
    assert published.refusal().startswith(f"REFUSED {message}")


def add_an_entry(published: Published) -> None:
    published.lines.append(b"z" * 32 + b" 1\n")


def replace_an_entry(published: Published) -> None:
    published.lines[-1] = b"z" * 32 + published.lines[-1][32:]


def repeat_an_entry(published: Published) -> None:
    published.lines.insert(7, published.lines[7])


def give_too_many_tickets(published: Published) -> None:
    published.lines[7] = published.lines[7][:33] + b"4\n"


def cut_the_last_line_end(published: Published) -> None:
    published.lines[-1] = published.lines[-1][:-1]


def list_a_winner_twice(published: Published) -> None:
    published.proof["winners"] *= 2


def add_a_winner(published: Published) -> None:
    published.proof["winners"].append(published.ranked[3])


def leave_a_winner_out(published: Published) -> None:
    published.proof["winners"].pop()


def skip_a_winner(published: Published) -> None:
    published.proof["skipped"][published.proof["winners"][0]] = "disliked"


def close_at_another_time(published: Published) -> None:
    published.proof["close"] = published.proof["close"].replace(str(CLOSED_AT), str(CLOSED_AT - 60))


def seal_another_root(published: Published) -> None:
    before, _, _ = published.proof["close"].partition("merkle_root=")
    published.proof["close"] = f"{before}merkle_root={'0' * 64}\n"


def hide_the_seed(published: Published) -> None:
    del published.proof["seed"]


def write_nonsense(published: Published) -> None:
    published.proof["open"] = "\ud800"


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (add_an_entry, "entries were added"),
        (replace_an_entry, "entries.txt is not the list that was sealed"),
        (repeat_an_entry, "an entry is repeated at line 9"),
        (give_too_many_tickets, "more tickets than the promised 3 at line 8"),
        (cut_the_last_line_end, "line 40 of entries.txt is not 'code weight'"),
        (list_a_winner_twice, "a winner is listed twice"),
        (add_a_winner, "more winners than the promised 2"),
        (leave_a_winner_out, "a winner is missing"),
        (skip_a_winner, "a code is both winner and skipped"),
        (close_at_another_time, "another round: round 980 was promised"),
        (seal_another_root, "the sealed merkle_root is of another list"),
        (hide_the_seed, "proof.json has no proper field 'seed'"),
        (write_nonsense, ""),
    ],
)
def test_it_refuses_every_other_contradiction(published, tamper: Callable[[Published], None], message):
    tamper(published)
    assert published.refusal().startswith(f"REFUSED {message}")


def test_without_the_stated_randomness_a_wrong_signature_still_cannot_pass(published):
    del published.proof["randomness"]
    assert published.verify()[0] == 0
    use_another_signature(published)
    assert "(or the signature is not that of the promised round)" in published.refusal()


def test_a_sealed_draw_takes_no_signature(tmp_path):
    published = Published(tmp_path, size=9, beacon="none", with_root=True)
    assert (published.proof["round"], published.proof["signature"]) == (None, None)
    published.proof["signature"] = SIGNATURE.hex()
    assert "a signature is given though no beacon was promised" in published.refusal()


def test_an_invented_draw_fails_against_the_hashes_posted_in_the_channel(published):
    posted = [promise.sha256_hex(published.opening), promise.sha256_hex(published.closing)]
    assert published.verify("--open-sha256", posted[0], "--close-sha256", posted[1])[0] == 0
    assert "the open hash posted" in published.refusal("--open-sha256", "0" * 64)
    assert "the close hash posted" in published.refusal("--close-sha256", "0" * 64)


def test_a_missing_file_is_refused_in_words(published):
    published.verify()
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), "nowhere.json", "entries.txt"],
        cwd=published.folder,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout[:8]) == (1, "REFUSED ")


def test_the_verifier_needs_nothing_but_an_old_python():
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)


# Skip rows ----------------------------------------------------------------------------------------
def with_rows(tmp_path: Path) -> Published:
    """A draw in which two places were passed over, with their rows."""
    published = Published(tmp_path, size=40, beacon=promise.QUICKNET, with_root=True)
    previous, rows = promise.sha256_hex(published.closing), []
    for number, rank in enumerate((2, 4), start=1):
        passed = draw.Passed(number, rank, published.ranked[rank - 1], "declined", CLOSED_AT + number, "")
        rows.append(draw.skip_record(passed, giveaway="kat1", previous=previous).decode())
        previous = promise.sha256_hex(rows[-1].encode())
    published.proof["skips"] = rows
    published.proof["skipped"] = {published.ranked[1]: "declined", published.ranked[3]: "declined"}
    published.proof["winners"] = [published.ranked[0], published.ranked[2]]
    return published


def test_skip_rows_are_verified(tmp_path):
    code, said = with_rows(tmp_path).verify()
    assert (code, "ok the 2 skip rows are bound to each other" in said) == (0, True), said


def remove_a_row(published: Published) -> None:
    del published.proof["skips"][0]


def remove_the_last_row(published: Published) -> None:
    del published.proof["skips"][1]


def exchange_the_rows(published: Published) -> None:
    published.proof["skips"].reverse()


def change_a_reason(published: Published) -> None:
    published.proof["skipped"][published.ranked[1]] = "unclaimed"


def change_a_row(published: Published) -> None:
    published.proof["skips"][0] = published.proof["skips"][0].replace("declined", "unclaimed")


def move_a_row(published: Published) -> None:
    published.proof["skips"][0] = published.proof["skips"][0].replace("rank=2", "rank=3")


def write_a_row_in_another_way(published: Published) -> None:
    published.proof["skips"][0] += "extra=1\n"


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (remove_a_row, "skip row 1 does not follow the one before"),
        (remove_the_last_row, "the skipped codes and their reasons are not those of the skip rows"),
        (exchange_the_rows, "skip row 1 does not follow the one before"),
        (change_a_reason, "the skipped codes and their reasons are not those of the skip rows"),
        (change_a_row, "skip row 2 does not follow the one before"),
        (move_a_row, "skip row 1 names another place than the ranking gives"),
        (write_a_row_in_another_way, "the skip record has other lines than it should"),
        (lambda published: published.proof["skipped"].clear(), "a skip is missing"),
        (lambda published: published.proof["skips"].append(5), "a skip row is not text"),
    ],
)
def test_it_names_what_is_wrong_with_skip_rows(tmp_path, tamper: Callable[[Published], None], message):
    published = with_rows(tmp_path)
    tamper(published)
    assert published.refusal().startswith(f"REFUSED {message}")
