"""What a person sees while the demo plays: bars while things move, tables when they are over."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sandbox.demo import texts
from sandbox.demo.checks import Check, pace, sent_at
from sandbox.demo.facts import Facts, Scene
from sandbox.demo.options import Options

MARGIN = (0, 0, 0, 2)
SHOWN_LENGTH = 44
HASH_LENGTH = 64


class Rate(ProgressColumn):
    """How many a second, over the time the bar moved."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:6.0f}/s" if speed else "", "dim")


class Screen:
    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._progress: Progress | None = None

    def opening(self, options: Options) -> None:
        lines = Text.assemble(
            (f"{options.people} people", "bold cyan"), ", ",
            (f"{options.not_subscribed} not subscribed", "bold yellow"), ", ",
            (f"{options.fail_captcha} failing the captcha first", "bold magenta"), ", ",
            (f"{options.winners} to win", "bold green"),
        )  # fmt: skip
        self.console.print()
        self.console.print(Panel(lines, title="🎁 A giveaway from start to end", expand=False))

    def published(self, scene: Scene, url: str) -> None:
        told = Text.assemble(
            "📣 ", (scene.giveaway["title"], "bold"), " is live in the channel ", (scene.channel_title, "bold"),
            ("\n   Watch it: ", "dim"), (f"{url}/", "cyan"),
        )  # fmt: skip
        self.console.print(Padding(told, (1, 0, 1, 2)))

    def note(self, sentence: str) -> None:
        self.console.print(Padding(Text(sentence, "yellow"), MARGIN))

    @contextmanager
    def bars(self) -> Iterator[None]:
        """Bars may be added inside."""
        columns = (
            TextColumn("  {task.description:<17}"),
            BarColumn(32, complete_style="cyan", finished_style="green"),
            TextColumn("{task.completed:>7.0f} of {task.total:.0f}"),
            Rate(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            self._progress = progress
            yield
        self._progress = None

    def bar(self, name: str, total: int) -> Callable[[int], None]:
        """A new bar; call what is given back with how far it is."""
        progress = self._progress
        if progress is None:
            raise RuntimeError("A bar stands between others: open them with bars().")
        task = progress.add_task(name, total=total)
        return lambda done: progress.update(task, completed=done)

    def verdict(self, facts: Facts, parts: Mapping[str, list[Check]], draw_url: str) -> None:
        self.console.print()
        self.console.print(Padding(checks_table(parts), MARGIN))
        self.console.print(Padding(times_table(facts), (1, 0, 1, 2)))
        checks = [check for part in parts.values() for check in part]
        failed = sum(not check.ok for check in checks)
        if failed:
            words = Text(f"✘ {failed} of {len(checks)} checks failed.", "bold red")
        else:
            words = Text(f"✔ All {len(checks)} checks passed.", "bold green")
        self.console.print(Padding(words, MARGIN))
        self.console.print(
            Padding(Text.assemble(("The draw, for everybody: ", "dim"), (draw_url, "cyan")), MARGIN)
        )
        self.console.print()


def checks_table(parts: Mapping[str, list[Check]]) -> Table:
    table = Table("", "Check", "Expected", "Found", box=None, header_style="dim", padding=(0, 2, 0, 0))
    for part, checks in parts.items():
        table.add_row("", Text(part, "bold"))
        for check in checks:
            mark = Text("✔", "green") if check.ok else Text("✘", "bold red")
            style = "" if check.ok else "bold red"
            table.add_row(
                mark, Text(check.name, style), short(check.expected), Text(short(check.found), style)
            )
    return table


def short(words: str) -> str:
    """A hash is recognised by its ends; a sentence by its beginning."""
    if len(words) == HASH_LENGTH and " " not in words:
        return f"{words[:8]}…{words[-8:]}"
    return words if len(words) <= SHOWN_LENGTH else f"{words[:SHOWN_LENGTH]}…"


def times_table(facts: Facts) -> Table:
    table = Table("Phase", "Seconds", "", box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.columns[1].justify = "right"
    times = facts.times
    joins = pace(sent_at(facts.accepted, texts.CODE.pattern))
    told = pace(sent_at(facts.accepted, texts.winner_or_loser(facts.scene.tag)))
    rows = (
        ("Account, bot, channel", times.prepare, ""),
        ("Publish", times.publish, ""),
        ("People come and enter", times.joins, f"{joins:.0f} entries/s"),
        ("Finish and draw", times.finish, f"{len(facts.proof.codes)} entries ranked"),
        ("Deliver the result", times.delivery, f"{told:.1f} messages/s"),
        ("Download and verify", times.check, ""),
    )
    for name, seconds, rate in rows:
        table.add_row(name, f"{seconds:.2f}", Text(rate, "cyan"))
    return table
