"""The three kinds of 429: the chat's, the bot's, the server's own."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bots.floods import Flood, Floods, Scope, Window

ANNA, BORIS = 1001, 1002
PLAIN = Flood(at=100.0, chat_id=ANNA, retry_after=5, took=0.05, in_flight=20, window=60)

floods = st.builds(
    Flood,
    at=st.floats(0, 1000),
    chat_id=st.integers(-(10**12), 10**10).filter(bool),
    retry_after=st.floats(1, 10_000),
    took=st.floats(0, 20),
    in_flight=st.integers(0, 100),
    window=st.integers(1, 100),
    served_at=st.none() | st.floats(0, 1000),
)


@given(floods, floods)
def test_a_group_never_stops_the_bot(first: Flood, second: Flood) -> None:
    judge = Floods()
    judge.judge(first)
    assert judge.judge(replace(second, chat_id=-1001)) is not Scope.BOT


@given(floods, st.floats(0, 3))
def test_a_chat_that_was_just_written_to_never_stops_the_bot(flood: Flood, ago: float) -> None:
    judge = Floods()
    judge.judge(PLAIN)
    assert judge.judge(replace(flood, served_at=flood.at - ago)) is not Scope.BOT


@given(floods)
def test_one_refusal_alone_never_stops_the_bot(flood: Flood) -> None:
    assert Floods().judge(flood) is not Scope.BOT


@given(st.floats(0, 1.99))
def test_two_private_chats_at_once_are_the_bot(after: float) -> None:
    judge = Floods()
    assert judge.judge(PLAIN) is Scope.CHAT
    assert judge.judge(replace(PLAIN, chat_id=BORIS, at=100 + after)) is Scope.BOT


def test_one_private_chat_twice_is_that_chat() -> None:
    judge = Floods()
    assert [judge.judge(PLAIN), judge.judge(PLAIN)] == [Scope.CHAT, Scope.CHAT]


def test_two_private_chats_a_while_apart_are_two_chats() -> None:
    judge = Floods()
    judge.judge(PLAIN)
    assert judge.judge(replace(PLAIN, chat_id=BORIS, at=103)) is Scope.CHAT


def test_a_group_between_two_private_chats_changes_nothing() -> None:
    judge = Floods()
    judge.judge(PLAIN)
    judge.judge(replace(PLAIN, chat_id=-5))
    assert judge.judge(replace(PLAIN, chat_id=BORIS, at=101)) is Scope.BOT


def test_a_minute_after_a_slow_answer_with_much_in_the_air_is_the_servers_guard() -> None:
    guard = replace(PLAIN, retry_after=60, took=3.0, in_flight=50)
    assert Floods().judge(guard) is Scope.SERVER
    for other in (
        replace(guard, took=0.1),
        replace(guard, in_flight=2),
        replace(guard, retry_after=30),
    ):
        assert Floods().judge(other) is Scope.CHAT


@given(st.integers(1, 2000), st.lists(st.booleans(), max_size=300))
def test_the_window_stays_between_its_bounds(most: int, answers: list[bool]) -> None:
    window = Window(most)
    for clean in answers:
        window.grow(most) if clean else window.halve()
        assert min(Window.LEAST, most) <= window.size <= most


def test_the_window_halves_and_grows_back_while_it_is_full() -> None:
    window = Window(60)
    window.halve()
    assert window.size == 30
    for _ in range(600):
        window.grow(in_flight=10)
    assert window.size == 30
    for _ in range(600):
        window.grow(in_flight=60)
    assert window.size == 60
