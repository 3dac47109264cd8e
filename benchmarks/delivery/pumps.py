"""Pump processes as workers run them, and the bots and broadcasts they deliver."""

import functools
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.audit import SYSTEM
from accounts.models import Account, AuditEntry
from benchmarks.delivery.processes import forking, in_a_process
from bots import crypto
from bots.models import Bot
from broadcasts import services
from broadcasts.models import Broadcast
from broadcasts.tasks import pump

CONTENT = {"type": "text", "text": "Hello, this is a message of ordinary length for everybody."}
UNLIMITED = 20_000.0  # messages a second: pacing is measured by itself
LOOK_SECONDS = 0.05


def work(rate: float, url: str, told: Connection) -> None:
    """Slice after slice until it is terminated."""
    settings.TELEGRAM_API_URL, settings.MESSAGES_PER_SECOND_PER_BOT = url, rate
    pump.run()  # first connections are not what is measured
    told.send("ready")
    while True:
        pump.run()
        time.sleep(LOOK_SECONDS)


@contextmanager
def pumps(number: int, rate: float, url: str, *, context: Any = forking) -> Iterator[list[psutil.Process]]:
    """So many pumps, ready; to be measured from outside."""
    processes = [in_a_process(work, rate, url, context=context)[1] for _ in range(number)]
    try:
        yield [psutil.Process(process.pid) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.join()


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Of these processes and those they made."""
    family = [one for process in processes for one in (process, *process.children(recursive=True))]
    return sum(sum(one.cpu_times()[:2]) for one in family)


@functools.cache
def prepare() -> None:
    """The database as the code wants it."""
    call_command("migrate", verbosity=0)


@contextmanager
def bots(number: int) -> Iterator[list[Bot]]:
    """An owner's bots, who are forgotten with everything of theirs."""
    account = Account.objects.create(name="Benchmark")
    try:
        yield [_bot(account) for _ in range(number)]
    finally:
        forget(account)


def _bot(account: Account) -> Bot:
    token = f"{10**9 + secrets.randbelow(10**9)}:{secrets.token_hex(20)}"
    return Bot.objects.create(
        account=account,
        telegram_id=int(token.split(":")[0]),
        username="benchmark_bot",
        token_encrypted=crypto.encrypt(token),
        token_fingerprint=crypto.token_fingerprint(token),
    )


def make_broadcast(bot: Bot, people: int) -> Broadcast:
    return services.create(
        account_id=bot.account_id, bot_id=bot.pk, content=CONTENT, chats=range(1, people + 1), by=SYSTEM
    )


def forget(account: Account) -> None:
    """Row by row the ORM would take minutes for a million."""
    broadcasts = list(Broadcast.objects.filter(account=account).values_list("pk", flat=True))
    for relation in Broadcast._meta.related_objects:
        table, column = relation.related_model._meta.db_table, relation.field.column
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [broadcasts])
    Broadcast.objects.filter(pk__in=broadcasts).delete()
    AuditEntry.objects.filter(account=account).delete()
    Bot.objects.filter(account=account).delete()
    account.delete()
