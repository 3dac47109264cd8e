"""A pump in a process of its own, to be killed: `python -m tests.faults.pump_process '{"rate": 30}'`."""

import asyncio
import json
import sys
import time

import django

django.setup()

from broadcasts.models import Broadcast  # noqa: E402
from broadcasts.services import leasing  # noqa: E402
from broadcasts.tasks.slice import Options, Slice  # noqa: E402

EARLY_SECONDS = 0.1


def main() -> None:
    """Slices until every broadcast has ended or stopped; what a dead pump holds is waited for."""
    options = Options(**json.loads(sys.argv[1]))
    while Broadcast.objects.live().exists():
        if leasing.work_is_due():
            asyncio.run(Slice(options).run())
        time.sleep(EARLY_SECONDS)


if __name__ == "__main__":
    main()
