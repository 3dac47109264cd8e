"""A pump's memory with 10,000 and with 1,000,000 recipients, and how long their snapshot takes.

    python -m benchmarks.memory [--few 10000] [--many 1000000] [--seconds 20] [--runs 5] [--json FILE]

Peaks of USS (its own pages) and PSS (with its part of the shared ones) while it sends as fast as it can:
to everybody, but for no longer than --seconds of a big audience. Send to all of the million: --seconds 3600.
"""

import time
from collections.abc import Sequence

import psutil

from benchmarks import results
from benchmarks.delivery.processes import alone
from benchmarks.delivery.pumps import UNLIMITED, bots, make_broadcast, prepare, pumps
from benchmarks.delivery.telegram import Telegram, telegram, wait_for

LOOK_SECONDS = 0.1
MEGABYTE = 2**20


def measure(people: int, seconds: float) -> dict[str, float]:
    with telegram() as server, bots(1) as (bot,), pumps(1, UNLIMITED, server.url, context=alone) as (pump,):
        rest = pump.memory_full_info().uss
        began = time.monotonic()
        make_broadcast(bot, people)
        snapshot = time.monotonic() - began
        uss, pss = peaks(pump, server, people, seconds)
        sent = server.count()
    return {
        "snapshot, s": snapshot,
        "sent": sent,
        "at rest, MB": rest / MEGABYTE,
        "USS, MB": uss / MEGABYTE,
        "PSS, MB": pss / MEGABYTE,
    }


def peaks(pump: psutil.Process, server: Telegram, people: int, seconds: float) -> tuple[int, int]:
    wait_for(server.count, 60, "the first message")
    uss = pss = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.count() < people:
        memory = pump.memory_full_info()
        uss, pss = max(uss, memory.uss), max(pss, memory.pss)
        time.sleep(LOOK_SECONDS)
    return uss, pss


def main(argv: Sequence[str] | None = None) -> None:
    asked = results.options(__doc__, argv, few=10_000, many=1_000_000, seconds=20.0, runs=5)
    prepare()
    cases = {f"{people:,} recipients": people for people in (asked.few, asked.many)}
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
    for _ in range(asked.runs):
        for name, people in cases.items():
            runs[name].append(measure(people, asked.seconds))
    table = results.medians(runs)
    few, many = table.values()
    for row in (few, many):
        row["USS grows, %"] = 100 * (row["USS, MB"] / few["USS, MB"] - 1)
    results.tell("memory", asked, runs, table)


if __name__ == "__main__":
    main()
