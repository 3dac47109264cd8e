"""Closing and ranking from PostgreSQL: processor seconds of the worker, and what its memory grew by.

    python -m benchmarks.draw_database [--entries 1000000]

Called by benchmarks.draw --database. Needs DATABASE_URL and REDIS_URL of a migrated database; removes its rows.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.audit import SYSTEM  # noqa: E402
from accounts.models import Account  # noqa: E402
from giveaways.models import Giveaway, Status  # noqa: E402
from giveaways.services import life, write  # noqa: E402
from participants.models import Draw, Place  # noqa: E402
from participants.services import draws  # noqa: E402

FIRST_PERSON = 9_000_000_000_000_000
WINNERS = 10


def load(count: int) -> int:
    """A finishing giveaway with that many entries; its id."""
    account = Account.objects.create(name="benchmark of draws")
    fields = {"title": "A benchmark", "main_body": "Nobody sees this.", "winner_count": WINNERS}
    giveaway = write.create(account_id=account.pk, by=SYSTEM, fields=fields)
    life.make_promise(giveaway)
    giveaway.status, giveaway.published_at = Status.FINISHING, timezone.now()
    giveaway.finish_requested_at, giveaway.participant_count = timezone.now(), count
    giveaway.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO participants_person (telegram_id, first_name, username, language_code, captcha_failures, "
            "created_at) SELECT %s + i, '', '', '', 0, now() FROM generate_series(1, %s) AS i",
            [FIRST_PERSON, count],
        )
        cursor.execute(
            "INSERT INTO participants_entry (giveaway_id, person_id, code, nonce, weight, receipt, joined_at) "
            "SELECT %s, id, translate(md5(telegram_id::text || %s), '0189', 'wxyz'), '', 1, '', now() "
            "FROM participants_person WHERE telegram_id > %s",
            [giveaway.pk, giveaway.public_id, FIRST_PERSON],
        )
        cursor.execute("ANALYZE participants_entry")
    return giveaway.pk


def unload(giveaway_id: int) -> None:
    """Removes every row of the benchmark."""
    account_id = Giveaway.objects.get(pk=giveaway_id).account_id
    Place.objects.filter(draw__giveaway_id=giveaway_id).delete()
    Draw.objects.filter(giveaway_id=giveaway_id).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM participants_entry WHERE giveaway_id = %s", [giveaway_id])
        cursor.execute("DELETE FROM participants_person WHERE telegram_id > %s", [FIRST_PERSON])
        cursor.execute("DELETE FROM accounts_auditentry WHERE account_id = %s", [account_id])
        cursor.execute("DELETE FROM giveaways_giveaway WHERE id = %s", [giveaway_id])
        cursor.execute("DELETE FROM accounts_account WHERE id = %s", [account_id])


def close_and_rank(giveaway_id: int) -> None:
    """What a worker does between finishing and the first question to Telegram."""
    row = draws.close(giveaway_id=giveaway_id)
    draws.candidates(row)


def memory(name: str) -> float:
    """VmRSS, what this process holds, or VmHWM, the most it ever held, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def grown(act: Callable[[], object]) -> dict[str, float]:
    """Processor seconds of this process and what its memory grew by at most, for one act."""
    before, begun = memory("VmRSS"), time.process_time()
    act()
    return {"seconds": time.process_time() - begun, "megabytes": memory("VmHWM") - before}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--close", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.close:
        print(json.dumps(grown(lambda: close_and_rank(options.close))))
        return
    giveaway_id = load(options.entries)
    try:
        command = [sys.executable, "-m", "benchmarks.draw_database", "--close", str(giveaway_id)]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    finally:
        unload(giveaway_id)


if __name__ == "__main__":
    main()
