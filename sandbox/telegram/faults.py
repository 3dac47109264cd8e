"""Misbehaviour on request: errors, delays before or after the deed, cut connections and a proxy's HTML page."""

from dataclasses import asdict, dataclass, field

from sandbox.telegram.errors import BotApiError
from sandbox.telegram.models import JSON

KINDS = ("error", "delay", "delay_after_accept", "reset_after_accept", "html_502")


@dataclass(slots=True)
class Fault:
    """`times` counts down with every call it meets; None never ends."""

    kind: str
    method: str = ""
    match: str = ""
    code: int = 500
    description: str = ""
    retry_after: int = 0
    parameters: JSON = field(default_factory=dict)
    ms: int = 0
    times: int | None = 1

    def meets(self, method: str, serialized: str) -> bool:
        return (not self.method or self.method.lower() == method.lower()) and self.match in serialized

    def error(self) -> BotApiError:
        """The refusal; `parameters` may carry what else Telegram sends, such as migrate_to_chat_id."""
        if self.retry_after:
            text = self.description or f"retry after {self.retry_after}"
            return BotApiError(self.code, text, {"retry_after": self.retry_after, **self.parameters})
        return BotApiError(self.code, self.description, self.parameters)


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def forget(self) -> None:
        self._faults.clear()

    def listed(self) -> list[JSON]:
        return [asdict(fault) for fault in self._faults]

    def __bool__(self) -> bool:
        return bool(self._faults)

    def meet(self, method: str, serialized: str) -> list[Fault]:
        """The faults of this call: every delay that fits, and the first of the others."""
        met: list[Fault] = []
        for fault in self._faults:
            decided = any(other.kind != "delay" for other in met)
            if fault.meets(method, serialized) and (fault.kind == "delay" or not decided):
                met.append(fault)
        for fault in met:
            if fault.times is not None:
                fault.times -= 1
        self._faults = [fault for fault in self._faults if fault.times is None or fault.times > 0]
        return met
