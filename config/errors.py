"""The refusal: the one class every app may raise and every door knows how to show."""

from typing import Any, ClassVar


class DomainError(Exception):
    """A rule was broken by the request, not by the program.

    A subclass per rule, in `<app>/errors.py`, named after the broken rule. `code` is stable and part of
    the contract, `status` is the HTTP status, `message` a sentence that says what happened and what to do.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 409
    message: ClassVar[str]

    def __init__(self, *, errors: dict[str, list[str]] | None = None, **facts: Any) -> None:
        self.facts = facts
        self.errors = errors
        super().__init__(self.message.format(**facts))

    @property
    def sentence(self) -> str:
        """The message with this case's facts in it."""
        return str(self)


class Unreachable(DomainError):
    """Something outside (Telegram, a partner) gave no usable answer; nothing was changed."""

    code = "UNREACHABLE"
    status = 503
    message = "The other side did not answer. Nothing was changed; try again in a minute."
