"""What the demo may be asked."""

import pytest

from sandbox.demo.options import Options, read


def test_a_thousand_people_bring_three_per_cent_strangers_and_two_per_cent_who_err() -> None:
    assert read(["--people", "1000"]) == Options(1000, 30, 20, 10.0, 5)


def test_only_the_unsubscribed_stay_outside() -> None:
    assert read(["--people", "1000", "--not-subscribed", "30", "--fail-captcha", "20"]).eligible == 970


def test_a_number_that_is_given_is_taken_even_when_it_is_zero() -> None:
    chosen = read(["--not-subscribed", "0", "--fail-captcha", "0", "--over-seconds", "0"])
    assert chosen == Options(100, 0, 0, 0.0, 5)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--people", "9"], "from 10 to 100000"),
        (["--people", "100001"], "from 10 to 100000"),
        (["--not-subscribed", "-1"], "0 or more"),
        (["--over-seconds", "-1"], "0 or more"),
        (["--over-seconds", "nan"], "0 or more"),
        (["--not-subscribed", "60", "--fail-captcha", "40"], "fewer than --people"),
        (["--winners", "0"], "from 1 to 100"),
        (["--winners", "101"], "from 1 to 100"),
    ],
)
def test_what_cannot_be_played_is_refused_with_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        read(arguments)
    assert left.value.code == 2
    assert sentence in capsys.readouterr().err
