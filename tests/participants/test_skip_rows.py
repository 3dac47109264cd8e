"""Skip rows as bytes: whatever a note says, a row is one record that can be read in one way only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giveaways import promise
from participants import draw

PREVIOUS = "0" * 64


def row(note: str) -> bytes:
    passed = draw.Passed(1, 2, "a" * 32, "ineligible", 1_900_000_000, note)
    return draw.skip_record(passed, giveaway="kat1", previous=PREVIOUS)


@given(st.text(max_size=400))
def test_any_note_becomes_one_line_that_reads_back(note: str) -> None:
    line = draw.one_line(note)
    fields = promise.parse_record(row(line))
    assert tuple(fields) == draw.SKIP_KEYS
    assert (fields["note"], fields["previous"]) == (line, PREVIOUS)
    assert len(line) <= draw.MOST_NOTE


def test_its_bytes_are_fixed() -> None:
    assert row("Works here") == (
        b"skip=1\ngiveaway=kat1\nnumber=1\nrank=2\ncode=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nreason=ineligible\n"
        b"evidence_at=1900000000\nnote=Works here\nprevious=" + PREVIOUS.encode() + b"\n"
    )


@pytest.mark.parametrize("note", ["two\nlines", "a\x00b", "\u2028"])
def test_a_note_that_could_be_read_in_two_ways_is_no_row(note: str) -> None:
    with pytest.raises(promise.RecordError):
        row(note)


@pytest.mark.parametrize("previous", ["", "0" * 63, "F" * 64])
def test_a_row_follows_a_hash(previous: str) -> None:
    with pytest.raises(promise.RecordError):
        draw.skip_record(draw.Passed(1, 1, "a" * 32, "declined", 1, ""), giveaway="kat1", previous=previous)
