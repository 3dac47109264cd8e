"""One server under the keeper's care: started when wanted, started again when it dies, stopped when not."""

import subprocess
import time

from sandbox.embedded.errors import EmbeddedServersError
from sandbox.embedded.layout import Layout
from sandbox.embedded.locks import try_exclusive, unlock
from sandbox.embedded.processes import die_with_parent
from sandbox.embedded.server import Server, surroundings

GRACE_SECONDS = 2.0
START_SECONDS = 60.0
STOP_SECONDS = 20.0
RETRY_SECONDS = 1.0


class Kept:
    """The life of one server. `step` looks and acts; only stopping and the first initdb take their time."""

    def __init__(self, server: Server, layout: Layout) -> None:
        self.server = server
        self.layout = layout
        self.users = layout.users_lock(server.name).open("ab")
        self.free_since: float | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.failure = ""
        self.failures = 0
        self.start_at = 0.0
        self.give_up_at: float | None = None
        self.log_start = 0

    def nobody_uses_it(self) -> bool:
        """Takes the users' lock when it is free; newcomers then wait until `let_in`."""
        if not try_exclusive(self.users):
            self.free_since = None
            return False
        self.free_since = self.free_since or time.monotonic()
        return True

    def let_in(self) -> None:
        unlock(self.users)

    @property
    def is_abandoned(self) -> bool:
        return self.free_since is not None and time.monotonic() - self.free_since >= GRACE_SECONDS

    @property
    def is_starting(self) -> bool:
        return self.give_up_at is not None

    def step(self) -> None:
        if self.is_abandoned:
            self.stop()
        elif self.process is None:
            if self.free_since is None and time.monotonic() >= self.start_at:
                self._start()
        elif self.process.poll() is not None:
            self._died(self.process.returncode)
        elif not self.ready:
            self._look()

    def stop(self) -> None:
        """Asks it to end and insists after a while. A failure nobody waits for any more is forgotten."""
        self.ready, self.failure, self.start_at, self.give_up_at = False, "", 0.0, None
        if self.process is None:
            return
        self.process.send_signal(self.server.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _start(self) -> None:
        self.give_up_at = self.give_up_at or time.monotonic() + START_SECONDS
        with self.layout.life_lock(self.server.name).open("ab") as life:
            if not try_exclusive(life):  # the children of a killed server leave within moments
                self._unless_late(f"{self.server.title} of an earlier run does not end")
                return
            try:
                self.server.prepare(self.layout)
                self._spawn(life.fileno())
            except EmbeddedServersError as error:
                self._fail(str(error))
            except OSError as error:
                self._fail(f"{self.server.title} does not start: {error}.")

    def _spawn(self, life: int) -> None:
        with self.layout.log(self.server.name).open("ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                self.server.command(self.layout),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[life],
                start_new_session=True,
                preexec_fn=die_with_parent(self.server.stop_signal),
                **surroundings(self.layout),
            )

    def _look(self) -> None:
        if self.server.answers(self.layout):
            self.ready, self.failure, self.give_up_at = True, "", None
        else:
            self._unless_late(f"{self.server.title} does not answer")

    def _unless_late(self, complaint: str) -> None:
        if self.give_up_at is not None and time.monotonic() >= self.give_up_at:
            self.stop()
            self._fail(
                f"{complaint} ({START_SECONDS:.0f} s); its log is {self.layout.log(self.server.name)}."
            )

    def _died(self, code: int) -> None:
        """A server that served is started again at once; one that never did would only fail again."""
        self.process = None
        if self.ready:
            self.ready = False
        else:
            self._fail(
                f"{self.server.title} does not start (exit code {code}): {self._last_words()} "
                f"Its data are in {self.layout.data(self.server.name)}: forget them with ./run.sh --fresh, "
                f"or set {self.server.variable} to another server."
            )

    def _last_words(self) -> str:
        with self.layout.log(self.server.name).open("rb") as log:
            log.seek(self.log_start)
            lines = log.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
        grave = [line[line.index("FATAL:") :] for line in lines if "FATAL:" in line]
        return (grave[-1] if grave else " ".join(lines[-3:])).rstrip(".") + "."

    def _fail(self, sentence: str) -> None:
        self.failure = sentence
        self.failures += 1
        self.give_up_at = None
        self.start_at = time.monotonic() + RETRY_SECONDS
