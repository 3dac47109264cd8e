"""Messages per CPU-second of the sender: our durable delivery beside those who keep nothing.

    python -m benchmarks.bulk_send [--messages 5000] [--runs 5] [--json FILE]

Every contender runs in a fresh process against a server of zero latency in another one. Ours includes the
snapshot, grants, results and completion. A Celery task per message is counted with its worker and with
whoever queues; neither PostgreSQL's nor Redis' own CPU time is counted for anybody.
"""

from collections.abc import Sequence

from benchmarks import results
from benchmarks.delivery.contenders import CELERY, LOOPS, OURS, contend
from benchmarks.delivery.processes import in_a_process
from benchmarks.delivery.pumps import prepare
from benchmarks.delivery.telegram import telegram


def main(argv: Sequence[str] | None = None) -> None:
    asked = results.options(__doc__, argv, messages=5000, runs=5)
    prepare()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in (*LOOPS, CELERY, OURS)}
    with telegram() as server:
        for _ in range(asked.runs):
            for name in runs:  # in turn, so that a slow minute of the machine meets all of them
                (cpu, wall), process = in_a_process(contend, name, asked.messages, server.url)
                process.join()
                runs[name].append(
                    {"per CPU-second": asked.messages / cpu, "per second": asked.messages / wall}
                )
    table = results.medians(runs)
    own = table[OURS]["per CPU-second"]
    for row in table.values():
        row["delivery is, times"] = own / row["per CPU-second"]
    results.tell("bulk_send", asked, runs, table)


if __name__ == "__main__":
    main()
