"""How exactly a bot's limit is used: 30 and 1000 messages a second, by one pump process and by four.

    python -m benchmarks.pacing [--rates 30,1000] [--pumps 1,4] [--seconds 20] [--runs 5] [--json FILE]

By the server's own clock: the rate achieved between the canary's end and the last second, and the messages
of the busiest second. A server kept waiting for the processor takes two seconds' messages in one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from benchmarks import results
from benchmarks.delivery.pumps import bots, make_broadcast, prepare, pumps
from benchmarks.delivery.telegram import telegram, wait_for

LATENCY = 0.02
WARM_UP, LAST = 2.0, 0.5  # seconds at either end: the canary goes alone, and the last chunk ends alone


def measure(rate: int, number: int, seconds: float) -> dict[str, float]:
    people = int(rate * seconds)
    with telegram(LATENCY) as server, bots(1) as (bot,), pumps(number, rate, server.url):
        make_broadcast(bot, people)
        wait_for(lambda: server.count() >= people, 60 + 5 * seconds, "the messages")
        times = server.times()
    busiest = max(bisect_left(times, at + 1) - index for index, at in enumerate(times))
    return {
        "achieved, %": 100 * steady(times) / rate,
        "busiest second": busiest,
        "over": max(0, busiest - rate),
    }


def steady(times: Sequence[float]) -> float:
    """Messages a second in the middle of the run."""
    first, last = times[0] + WARM_UP, times[-1] - LAST
    if last <= first:
        return (len(times) - 1) / (times[-1] - times[0])
    return (bisect_right(times, last) - bisect_left(times, first)) / (last - first)


def _numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",")]


def main(argv: Sequence[str] | None = None) -> None:
    asked = results.options(__doc__, argv, rates="30,1000", pumps="1,4", seconds=20.0, runs=5)
    prepare()
    cases = {
        f"{rate}/s, pumps: {number}": (rate, number)
        for rate in _numbers(asked.rates)
        for number in _numbers(asked.pumps)
    }
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
    for _ in range(asked.runs):
        for name, (rate, number) in cases.items():
            runs[name].append(measure(rate, number, asked.seconds))
    results.tell("pacing", asked, runs, results.medians(runs))


if __name__ == "__main__":
    main()
