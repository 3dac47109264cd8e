"""The refusal: the one class every app may raise and every door knows how to show."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from config.language import Text, spoken

Sentence = Text | str  # a str is somebody else's word, which nobody translates: Telegram's, a password rule's


class DomainError(Exception):
    """A rule was broken by the request, not by the program.

    A subclass per rule, in `<app>/errors.py`, named after the broken rule. `code` is stable and part of
    the contract, `status` is the HTTP status, `message` says in both languages what happened and what to do.
    `field` is the one at fault when the message says it all, `errors` tells more, or of several.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 409
    message: ClassVar[Text]

    def __init__(
        self, *, field: str = "", errors: Mapping[str, Sequence[Sentence]] | None = None, **facts: Any
    ) -> None:
        self.facts = facts
        self.errors = {field: [self.message.filled(**facts)]} if field else errors
        super().__init__(self.told("en"))

    def told(self, language: str | None) -> str:
        """The message with this case's facts in it; as a `str` the error speaks English, for logs."""
        return self.message.plain(language, **self.facts)

    @property
    def sentence(self) -> str:
        """The message in the language spoken now."""
        return self.told(spoken())

    @property
    def faults(self) -> dict[str, list[str]] | None:
        """What is wrong with which field, in the language spoken now."""
        return (
            {name: [str(each) for each in told] for name, told in self.errors.items()}
            if self.errors
            else None
        )


class Unreachable(DomainError):
    """Something outside (Telegram, a partner) gave no usable answer; nothing was changed."""

    code = "UNREACHABLE"
    status = 503
    message = Text(
        en="The other side did not answer. Nothing was changed; try again in a minute.",
        ru="Другая сторона не ответила. Ничего не изменилось, попробуйте через минуту.",
    )
