"""The captcha's rules: questions, kept answers, typed answers, pauses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants import captcha

KEY = bytes(range(32))


def test_a_sum_adds_two_numbers_from_one_to_ten():
    seen = set()
    for _ in range(2000):
        kind, text, answer, choices = captcha.new_sum()
        left, right = (int(number) for number in text.split(" + "))
        assert (kind, left + right, choices) == ("sum", answer, ())
        seen |= {left, right}
    assert seen == set(range(1, 11))


def test_a_challenge_is_a_sum_unless_another_kind_is_known():
    assert captcha.new_challenge().kind == "sum"
    with pytest.raises(KeyError):
        captcha.new_challenge("riddle")


@given(st.integers(2, 20), st.integers(2, 20))
def test_only_the_right_answer_has_the_kept_digest(right, given_):
    kept = captcha.answer_digest(KEY, "7", right)
    assert captcha.is_right(kept, captcha.answer_digest(KEY, "7", given_)) == (right == given_)


def test_the_kept_digest_is_of_no_use_to_anybody_else():
    kept = captcha.answer_digest(KEY, "7", 12)
    assert kept != captcha.answer_digest(bytes(32), "7", 12)
    assert kept != captcha.answer_digest(KEY, "8", 12)
    assert len(kept) == 64


@pytest.mark.parametrize(
    "text", ["12", " 12 ", "12.", "12 .", "\n12\n", "١٢", "۱۲", "１２", "\u200f12\u200e", "۱۲۔", "012"]
)
def test_it_reads_a_number_however_people_type_it(text):
    assert captcha.read_answer("sum", text) == 12


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "12..",
        "1 2",
        "-12",
        "+12",
        "1_2",
        "0x12",
        "12.0",
        "²",
        "Ⅻ",
        "twelve",
        "7+5",
        "9" * 5,
        " " * 17,
    ],
)
def test_anything_else_is_no_answer(text):
    assert captcha.read_answer("sum", text) is None


@given(st.text(max_size=100))
def test_no_text_can_break_the_reading(text):
    answer = captcha.read_answer("sum", text)
    assert answer is None or 0 <= answer <= 9999
    picture = captcha.read_answer("picture", text)
    assert picture is None or picture in captcha.PICTURES


def test_a_picture_stands_among_the_names_to_choose_from():
    seen = set()
    for _ in range(500):
        kind, text, answer, choices = captcha.new_picture()
        assert (kind, text) == ("picture", captcha.PICTURES[answer].sign)
        assert answer in choices
        assert len(set(choices)) == captcha.CHOICES
        seen.add(choices.index(answer))
    assert seen == set(range(captcha.CHOICES))


@pytest.mark.parametrize("text", ["cat", "Cat", " CAT ", "кошка", "Кошка"])
def test_a_picture_may_be_named_in_either_language(text):
    assert captcha.read_answer("picture", text) == "cat"


def test_every_picture_has_one_name_of_its_own():
    for names in (
        [picture.en for picture in captcha.PICTURES.values()],
        [picture.ru for picture in captcha.PICTURES.values()],
        [picture.sign for picture in captcha.PICTURES.values()],
    ):
        assert len(set(names)) == len(captcha.PICTURES)
    assert all(key.isalpha() and key.islower() for key in captcha.PICTURES)  # what a button may say


def test_each_kind_leads_to_another():
    assert [captcha.other_kind(kind) for kind in ("sum", "picture")] == ["picture", "sum"]


def test_three_attempts_in_ten_minutes():
    assert (captcha.MOST_ATTEMPTS, captcha.LIFETIME_SECONDS) == (3, 600)


def test_the_pause_grows_with_every_third_failure_and_stays_at_a_day():
    pauses = [captcha.cool_down_seconds(failures) for failures in (0, 2, 3, 5, 6, 9, 12, 15, 18, 3000)]
    assert pauses == [0, 0, 60, 60, 300, 1800, 7200, 86400, 86400, 86400]


@given(st.integers(0, 100))
def test_another_failure_never_shortens_the_pause(failures):
    assert captcha.cool_down_seconds(failures) <= captcha.cool_down_seconds(failures + 1)
