"""What a person may ask of the demo: how many people come, and how they behave."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_PEOPLE, MOST_PEOPLE = 10, 100_000
MOST_WINNERS = 100
PEOPLE_PER_SECOND = 100


@dataclass(frozen=True)
class Options:
    people: int = 100
    not_subscribed: int = 3
    fail_captcha: int = 2
    over_seconds: float = 1.0
    winners: int = 5

    @property
    def eligible(self) -> int:
        """Those who fail the captcha first solve it afterwards; only the unsubscribed stay outside."""
        return self.people - self.not_subscribed


def read(arguments: Sequence[str]) -> Options:
    """Options that make sense together; exits with a sentence otherwise."""
    parser = _parser()
    given = parser.parse_args(arguments)
    people: int = given.people
    if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
        parser.error(f"--people is a number from {LEAST_PEOPLE} to {MOST_PEOPLE}.")
    options = Options(
        people=people,
        not_subscribed=round(people * 0.03) if given.not_subscribed is None else given.not_subscribed,
        fail_captcha=round(people * 0.02) if given.fail_captcha is None else given.fail_captcha,
        over_seconds=people / PEOPLE_PER_SECOND if given.over_seconds is None else given.over_seconds,
        winners=given.winners,
    )
    if problem := problem_of(options):
        parser.error(problem)
    return options


def problem_of(options: Options) -> str:
    """Why the options cannot be played; empty when they can."""
    if min(options.not_subscribed, options.fail_captcha) < 0 or not 0 <= options.over_seconds <= 86_400:
        return "Numbers of people are 0 or more, and --over-seconds is at most a day."
    if options.not_subscribed + options.fail_captcha >= options.people:
        return "--not-subscribed and --fail-captcha together must be fewer than --people."
    if not 1 <= options.winners <= MOST_WINNERS:
        return f"--winners is a number from 1 to {MOST_WINNERS}."
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run.sh demo", description="Plays a giveaway from start to end and checks the result."
    )
    parser.add_argument("--people", type=int, default=100, metavar="N", help="how many come (100)")
    parser.add_argument(
        "--not-subscribed", type=int, metavar="N", help="of these, who must be refused (3 %%)"
    )
    parser.add_argument(
        "--fail-captcha", type=int, metavar="N", help="of these, who answer wrong first (2 %%)"
    )
    parser.add_argument("--over-seconds", type=float, metavar="S", help="time in which they come (N / 100)")
    parser.add_argument("--winners", type=int, default=5, metavar="N", help="how many win (5)")
    return parser
