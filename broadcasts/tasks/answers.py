"""What a pump does about an answer of Telegram; what the answer means was decided in bots/answers.py."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bots.answers import NOT_LASTING, Answer, Outcome
from bots.floods import Scope
from broadcasts.metrics import FLOODS, SENDS
from broadcasts.models import Delivery
from broadcasts.services import stopping
from broadcasts.services.leasing import Pending

if TYPE_CHECKING:
    from broadcasts.tasks.lane import Lane, Sent
    from broadcasts.tasks.line import Line

SENT, FAILED = Delivery.Outcome.SENT, Delivery.Outcome.FAILED
UNCERTAIN = Delivery.Outcome.UNCERTAIN


class Answers:
    """The answers of one lane."""

    def __init__(self, lane: "Lane") -> None:
        self.lane = lane
        self.stopped = False

    def meet(self, line: "Line", pending: Pending, answer: Answer, sent: "Sent") -> None:
        """Decides what becomes of the recipient, the broadcast and the bot."""
        SENDS.labels(answer.outcome.value, answer.kind).inc()
        match answer.outcome:
            case Outcome.OK:
                self.lane.clean(sent.took if answer.kind == "ok" else None)
                self._sent(line, pending, answer)
            case Outcome.FLOOD:
                self._flood(line, pending, answer.retry_after, sent)
            case Outcome.NOT_SENT:
                self.lane.trouble()
                line.withdraw(pending)
            case Outcome.UNKNOWN:
                self._unknown(line, pending, answer.kind)
            case Outcome.MIGRATED if pending.to == pending.chat_id and answer.migrate_to:
                pending.to = answer.migrate_to
                line.again(pending)
            case Outcome.CONTENT:
                self._content(line, pending, answer)
            case Outcome.BOT_DEAD:
                self._token(line, pending, answer)
            case _:
                self._refused(line, pending, answer)

    def _sent(self, line: "Line", pending: Pending, answer: Answer) -> None:
        kind = "resent" if pending.attempt > 1 else "migrated" if pending.to != pending.chat_id else ""
        kind = "fallback" if answer.kind == "fallback" and not kind else kind
        line.settle(pending, SENT, kind, answer.result.get("message_id"))

    def _flood(self, line: "Line", pending: Pending, seconds: float, sent: "Sent") -> None:
        """Not sent, no attempt spent. Unless it is the bot's own limit, only this chat waits."""
        scope = self.lane.judge(pending.to, seconds, sent)
        FLOODS.labels(scope.value).inc()
        line.withdraw(pending, delay=0 if scope is Scope.BOT else seconds)

    def _unknown(self, line: "Line", pending: Pending, kind: str) -> None:
        self.lane.trouble()
        if line.resends and pending.attempt == 1 and not line.closing:
            line.repeat(pending)
        else:
            line.settle(pending, UNCERTAIN, kind)

    def _refused(self, line: "Line", pending: Pending, answer: Answer) -> None:
        self.lane.troubles = 0
        line.settle(pending, FAILED, answer.kind)
        if answer.outcome is Outcome.RECIPIENT and answer.kind not in NOT_LASTING:
            self.lane.shared.recorder.unreachable[self.lane.bot.pk, pending.chat_id] = answer.kind

    def _content(self, line: "Line", pending: Pending, answer: Answer) -> None:
        """Whoever gets it would get it broken: nothing more of this broadcast leaves."""
        line.settle(pending, FAILED, answer.kind)
        broadcast_id = line.lease.broadcast.pk
        for sibling in self.lane.lines:
            if sibling.lease.broadcast.pk == broadcast_id and not sibling.closing:
                sibling.close()
                self._stop(
                    stopping.stop_for_content, broadcast_id=broadcast_id, description=answer.description
                )

    def _token(self, line: "Line", pending: Pending, answer: Answer) -> None:
        line.withdraw(pending)
        if self.stopped:
            return
        self.stopped = True
        for each in self.lane.lines:
            each.close()
        bot = self.lane.bot
        self._stop(
            stopping.stop_for_token,
            bot_id=bot.pk,
            fingerprint=bot.token_fingerprint,
            description=answer.description,
        )

    def _stop(self, service: Callable[..., None], **facts: int | str) -> None:
        shared = self.lane.shared
        shared.group.create_task(shared.database.run(service, **facts))
