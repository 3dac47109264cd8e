"""The play: `python -m tests.faults.campaign.play WANTED`, started by `python -m tests.faults.campaign`."""

import functools
import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import OperationalError, connection  # noqa: E402
from django.db.models import Max  # noqa: E402

from accounts.audit import SYSTEM  # noqa: E402
from accounts.models import Account  # noqa: E402
from bots import pacing  # noqa: E402
from broadcasts import services  # noqa: E402
from broadcasts.models import Broadcast, Delivery, Intent  # noqa: E402
from sandbox.client import Control, until  # noqa: E402
from sandbox.embedded.layout import POSTGRES, VALKEY, locate  # noqa: E402
from sandbox.supervisor.environment import PROJECT  # noqa: E402
from sandbox.supervisor.nursery import Nursery  # noqa: E402
from sandbox.telegram import models as telegram  # noqa: E402
from sandbox.telegram.world import World  # noqa: E402
from tests.broadcasts.factories import make_bot, make_broadcast  # noqa: E402
from tests.faults.campaign import mischief, proof  # noqa: E402
from tests.faults.campaign.round import Round, Wanted  # noqa: E402
from tests.faults.campaign.victims import Program, Server, wait_for  # noqa: E402

BASE = PROJECT / "var" / "faults"
LOGS = BASE / "log"
POLICIES = ("skip", "resend_once", "ask")
BUSY_SHARE = 0.8  # of the mischief's time there is certainly still something to send
TOKEN = f"{7_000_000_001}:AAcampaign-of-faults-campaign-of-faults"
PUMP = ("-m", "tests.faults.campaign.pump")
SANDBOX = ("-m", "sandbox.server")
PRELOAD = ("config.wsgi", "broadcasts.tasks", "sandbox.server")


class Stage:
    """The processes of one round and what they leave behind."""

    def __init__(self, nursery: Nursery, rate: float, pumps: int) -> None:
        layout = locate(BASE)
        self.departures = [LOGS / f"departures-{number}" for number in range(1, pumps + 1)]
        health = f"{os.environ['SANDBOX_URL']}/sandbox/health"
        self.telegram = Program("Telegram", SANDBOX, nursery, LOGS / "telegram.log", health)
        self.pumps = [
            Program(f"pump {number}", (*PUMP, str(rate), str(log)), nursery, LOGS / f"pump-{number}.log")
            for number, log in enumerate(self.departures, 1)
        ]
        self.servers = [Server("PostgreSQL", POSTGRES, layout), Server("Redis", VALKEY, layout)]

    def sending(self) -> Program:
        """The pump that sent last: one bot's messages leave from one pump at a time."""
        written = [log.stat().st_mtime_ns if log.exists() else 0 for log in self.departures]
        return self.pumps[written.index(max(written))]

    def left(self) -> list[tuple[float, int]]:
        """(time, chat) of every message as it left, in order."""
        lines = [
            line.split() for log in self.departures if log.exists() for line in log.read_text().splitlines()
        ]
        return sorted((float(at), int(chat)) for at, chat in lines)

    def accepted(self, bot_id: int) -> list[tuple[float, int]]:
        """(time, chat) of every message Telegram accepted, by its own record."""
        notes = Control(os.environ["SANDBOX_URL"]).accepted(bot_id)
        return sorted((float(note["at"]), int(note["chat_id"])) for note in notes)


@contextmanager
def stage(nursery: Nursery, rate: float, pumps: int, audience: int) -> Iterator[Stage]:
    """Telegram with a bot that everybody has started, and pumps; nobody is left running."""
    shutil.rmtree(os.environ["SANDBOX_STATE"], ignore_errors=True)
    people_telegram(Path(os.environ["SANDBOX_STATE"]), audience)
    made = Stage(nursery, rate, pumps)
    for log in made.departures:
        log.unlink(missing_ok=True)
    programs = [made.telegram, *made.pumps]
    try:
        for program in programs:
            program.revive()
        yield made
    finally:
        for victim in [*made.servers, *programs]:
            victim.thaw()
        for program in programs:
            program.kill()


def people_telegram(directory: Path, audience: int) -> None:
    """Writes the sandbox's journal as if the bot had been started by so many people."""
    world = World(directory)
    bot_id = int(TOKEN.split(":")[0])
    world.keep_bot(telegram.Bot(bot_id, TOKEN, "campaign_bot", "Campaign"))
    for chat in range(1, audience + 1):
        world.keep_person(telegram.Person(chat, "P"))
        world.keep_dialog(telegram.Dialog(bot_id, chat, started=True))
    world.journal.close()


def play(nursery: Nursery, rate: float, wanted: Wanted, dice: random.Random) -> Round:
    each = max(30, int(rate * wanted.seconds * BUSY_SHARE / len(POLICIES)))
    empty_database()
    bot = make_bot(Account.objects.create(name="Campaign"), TOKEN)
    audiences = {
        policy: range(number * each + 1, (number + 1) * each + 1) for number, policy in enumerate(POLICIES)
    }
    with stage(nursery, rate, wanted.pumps, each * len(POLICIES)) as made:
        broadcasts = [
            make_broadcast(bot, audience, uncertain_policy=policy) for policy, audience in audiences.items()
        ]
        connection.close()
        started = time.monotonic()
        others = (made.telegram, *made.servers)
        victims = [made.sending, *(functools.partial(_itself, victim) for victim in others)]
        done = mischief.play(victims, wanted.seconds, dice)
        patience = 60 + 3 * each * len(POLICIES) / rate
        wait_for(lambda: are_over(broadcasts), "the broadcasts to be over", patience)
        found = Round(rate, time.monotonic() - started, done)
        examine(found, made, broadcasts)
        decide(found, made, broadcasts[-1])
    return found


def _itself(victim: Program | Server) -> Program | Server:
    return victim


def empty_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE broadcasts_broadcast, bots_bot, accounts_account CASCADE")


def are_over(broadcasts: list[Broadcast]) -> bool:
    """Asked while PostgreSQL may still be coming back."""
    try:
        rows = Broadcast.objects.filter(pk__in=[one.pk for one in broadcasts])
        return all(status in Broadcast.OVER for status in rows.values_list("status", flat=True))
    except OperationalError:
        connection.close()
        return False


def examine(found: Round, made: Stage, broadcasts: list[Broadcast]) -> None:
    """Compares everything recorded with everything accepted."""
    left, accepted = made.left(), made.accepted(broadcasts[0].bot.telegram_id)
    found.busiest_left = proof.busiest([at for at, _ in left])
    found.busiest_accepted = proof.busiest([at for at, _ in accepted])
    found.off += proof.too_fast(found.rate, left, accepted)
    arrived = Counter(chat for _, chat in accepted)
    everything = [told_of(broadcast, arrived) for broadcast in broadcasts]
    found.off += proof.too_doubtful(found.rate, pacing.ahead(found.rate), everything, found.mischief)
    for told in everything:
        found.off += proof.off(told)
        found.broadcasts.append(
            {
                "policy": told.policy,
                "people": len(told.audience),
                "messages": sum(told.accepted.values()),
                "doubtful": told.doubtful,
                "resent": told.resent,
                "twice": told.twice,
                "missed": told.missed,
            }
        )


def decide(found: Round, made: Stage, asking: Broadcast) -> None:
    """The doubts of the policy `ask` have waited; a person decides to send again, and only they are sent to."""
    before = Counter(chat for _, chat in made.accepted(asking.bot.telegram_id))
    doubtful = set(asking.deliveries.filter(outcome="uncertain").values_list("chat_id", flat=True))
    services.decide(broadcast_id=asking.pk, by=SYSTEM, verdict="resend")
    wait_for(lambda: are_over([asking]), "the decision to be carried out")
    again = Counter(chat for _, chat in made.accepted(asking.bot.telegram_id)) - before
    if again != Counter(doubtful):
        found.off.append(
            f"ask: {len(doubtful)} were to be sent to again, {sum(again.values())} messages were"
        )
    if services.counts([asking.pk])[asking.pk].sent != asking.recipients_count:
        found.off.append("ask: after the decision somebody is still not sent to")


def told_of(broadcast: Broadcast, arrived: Counter[int]) -> proof.Told:
    audience = set(broadcast.recipients.values_list("chat_id", flat=True))
    rows = list(Delivery.objects.filter(broadcast=broadcast).values_list("chat_id", "outcome", "kind"))
    counts = asdict(services.counts([broadcast.pk])[broadcast.pk])
    attempts = Intent.objects.filter(broadcast=broadcast).values_list("chat_id").annotate(Max("attempt"))
    return proof.Told(
        policy=broadcast.uncertain_policy,
        audience=audience,
        recorded={chat: (outcome, kind) for chat, outcome, kind in rows},
        rows=len(rows),
        counted={name: number for name, number in counts.items() if number and name != "recipients"},
        accepted=Counter({chat: times for chat, times in arrived.items() if chat in audience}),
        attempts=dict(attempts),
    )


def show(rounds: list[Round]) -> None:
    columns = ("people", "messages", "doubtful", "resent", "twice", "missed")
    print(f"{'rate':>6} {'policy':<12}" + "".join(f"{name:>10}" for name in columns))
    for one in rounds:
        for row in one.broadcasts:
            print(f"{one.rate:>6g} {row['policy']:<12}" + "".join(f"{row[name]:>10}" for name in columns))
    for one in rounds:
        hurt = ", ".join(f"{what} {times}" for what, times in sorted(one.mischief.items()))
        print(
            f"at {one.rate:g}/s in {one.seconds:.0f} s: {hurt}; "
            f"busiest second {one.busiest_left} left, {one.busiest_accepted} accepted"
        )


def main() -> int:
    wanted = Wanted.read(sys.argv[1])
    LOGS.mkdir(exist_ok=True)
    for log in LOGS.iterdir():
        log.unlink()
    call_command("migrate", verbosity=0)
    dice = random.Random(wanted.seed)
    print(f"--seed {wanted.seed}", flush=True)
    nursery = Nursery(os.environ, PROJECT)
    try:
        nursery.preload(PRELOAD, LOGS / "zygote.log")
        until(nursery.is_settled, 60, "the apps to be imported")
        rounds = [play(nursery, rate, wanted, dice) for rate in wanted.rates]
    finally:
        nursery.close()
    show(rounds)
    Path(wanted.json).write_text(json.dumps([asdict(one) for one in rounds], indent=1))
    off = [f"at {one.rate:g}/s: {sentence}" for one in rounds for sentence in one.off]
    print("\n".join(off) or "Nobody lost, nobody twice in silence, every doubt flagged, never too fast.")
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())
