"""How a benchmark is asked and how it tells: the same options, a table, a JSON file."""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.supervisor.environment import PROJECT

RESULTS = PROJECT / "var" / "benchmarks"
Row = Mapping[str, float]


def options(
    description: str | None, argv: Sequence[str] | None, **ordinary: float | str
) -> argparse.Namespace:
    """--runs, --json, and those of this benchmark with their ordinary values."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in ordinary.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--json", type=Path)
    return parser.parse_args(argv)


def medians(runs: Mapping[str, Sequence[Row]]) -> dict[str, dict[str, float]]:
    """Of every column, for each contender."""
    return {
        name: {column: statistics.median(row[column] for row in rows) for column in rows[0]}
        for name, rows in runs.items()
    }


def tell(
    name: str, asked: argparse.Namespace, runs: Mapping[str, Sequence[Row]], table: Mapping[str, Row]
) -> None:
    """Prints the table and writes everything measured to var/benchmarks/NAME.json, or where it was asked to."""
    columns = list(next(iter(table.values())))
    widths = [max(len(column), 9) + 2 for column in columns]
    print(
        f"{name:<32}" + "".join(f"{column:>{width}}" for column, width in zip(columns, widths, strict=True))
    )
    for row_name, row in table.items():
        cells = (
            f"{row[column]:>{width},.{_digits(row[column])}f}"
            for column, width in zip(columns, widths, strict=True)
        )
        print(f"{row_name:<32}" + "".join(cells))
    path = asked.json or RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({**machine(), "asked": _plain(asked), "medians": table, "runs": runs}, indent=1)
    )
    print(f"written to {path}")


def _digits(number: float) -> int:
    return 0 if number == int(number) or abs(number) >= 100 else 2


def _plain(asked: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(asked).items() if name != "json"}


def machine() -> dict[str, Any]:
    """Where and when; a load above the number of cores says that somebody else was at work."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
