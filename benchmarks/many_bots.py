"""A hundred bots at 30 messages a second each, from one pump process, answered after 50 ms.

    python -m benchmarks.many_bots [--bots 100] [--rate 30] [--seconds 20] [--runs 5] [--json FILE]

What came in the middle of the run against the sum of the limits, and messages per CPU-second of the pump.
"""

import time
from collections.abc import Sequence

from benchmarks import results
from benchmarks.delivery.pumps import bots, cpu_seconds, make_broadcast, prepare, pumps
from benchmarks.delivery.telegram import telegram, wait_for

LATENCY = 0.05
WARM_UP = 3.0  # seconds: every broadcast's canary goes alone


def measure(number: int, rate: float, seconds: float) -> dict[str, float]:
    with telegram(LATENCY) as server, bots(number) as made, pumps(1, rate, server.url) as processes:
        for bot in made:
            make_broadcast(bot, int(rate * (seconds + WARM_UP) * 1.5))
        wait_for(server.count, 60, "the first message")
        time.sleep(WARM_UP)
        before, began, came = cpu_seconds(processes), time.monotonic(), server.count()
        time.sleep(seconds)
        cpu, took, came = cpu_seconds(processes) - before, time.monotonic() - began, server.count() - came
    per_second = came / took
    return {
        "per second": per_second,
        "of the limit, %": 100 * per_second / (number * rate),
        "CPU, %": 100 * cpu / took,
        "per CPU-second": came / cpu,
    }


def main(argv: Sequence[str] | None = None) -> None:
    asked = results.options(__doc__, argv, bots=100, rate=30.0, seconds=20.0, runs=5)
    prepare()
    name = f"{asked.bots} bots at {asked.rate:g}/s"
    runs = {name: [measure(asked.bots, asked.rate, asked.seconds) for _ in range(asked.runs)]}
    results.tell("many_bots", asked, runs, results.medians(runs))


if __name__ == "__main__":
    main()
