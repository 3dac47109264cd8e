"""What a person sees: progress while it starts, one screen when it runs, then the logs of all processes."""

from collections.abc import Mapping

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_red", "bright_cyan")
NAME_WIDTH = 8


class Screen:
    """`is_live`: the processes' own lines are shown; they are in the log files anyway."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(highlight=False, stderr=quiet)
        self.quiet = quiet
        self.is_live = False
        self._colours: dict[str, str] = {}

    def say(self, sentence: str) -> None:
        if not self.quiet:
            self._line("telegive", "bold", Text(sentence))

    def warn(self, sentence: str) -> None:
        self._line("telegive", "bold red", Text(sentence))

    def process(self, name: str, line: str) -> None:
        if self.is_live and not self.quiet:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            self._line(name, colour, Text.from_ansi(line))

    def _line(self, name: str, style: str, text: Text) -> None:
        self.console.print(Text.assemble((f"{name:>{NAME_WIDTH}} | ", style), text), soft_wrap=True)

    def welcome(self, environment: Mapping[str, str], *, with_telegram: bool) -> None:
        """The one screen; from here on the logs run below it."""
        if not self.quiet:
            self.console.print(
                Panel(_welcome(environment, with_telegram), title="Telegive runs", expand=False)
            )
        self.is_live = True


def _welcome(environment: Mapping[str, str], with_telegram: bool) -> Group:
    telegram, web = environment["SANDBOX_URL"] + "/", environment["PUBLIC_URL"]
    rows = [
        (
            "Telegram",
            telegram if with_telegram else f"{environment['TELEGRAM_API_URL']} (set by TELEGRAM_API_URL)",
        ),
        *([("Mail and SMS", f"{telegram}#/inbox")] if with_telegram else []),
        ("Admin", f"{web}/admin/"),
        ("API, try it", f"{web}/swagger/"),
        ("Health", f"{web}/health"),
        ("Owner", "demo / demo-password-1"),
        ("Staff", "admin / admin-password-1"),
    ]
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(name, "bold"), Text(value, "cyan"))
    return Group(table, Text(), Text(_first_steps(with_telegram)), Text("Ctrl-C stops everything.", "dim"))


def _first_steps(with_telegram: bool) -> str:
    if not with_telegram:
        return (
            "TELEGRAM_API_URL is set, so the sandbox's own Telegram is not started.\n"
            "Add your bot: log in at /swagger/ as demo, then POST /bots/ with its token."
        )
    return (
        "1. Open Telegram, pick a person on the left, open the channel,\n"
        "   press the giveaway's button.\n"
        "2. Sign in to the admin as admin and watch the entry arrive.\n"
        "3. In another terminal, ./run.sh demo plays a whole giveaway."
    )
