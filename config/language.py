"""Texts for people in English and Russian: one value per sentence, chosen by the reader's language."""

from dataclasses import dataclass
from html import escape
from typing import Any

LANGUAGES = ("en", "ru")


def language_of(code: str | None) -> str:
    """The language we speak that is nearest to an IETF tag such as `ru-RU`; English when unsure."""
    return "ru" if code and code.lower().split("-")[0] in ("ru", "be", "uk", "kk") else "en"


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; `{names}` are filled in, HTML-escaped, by `to`."""

    en: str
    ru: str

    def plain(self, language: str | None, /, **values: Any) -> str:
        """The sentence in `language` as plain text."""
        return self.template(language).format(**values)

    def template(self, language: str | None, /) -> str:
        """The sentence in `language` with its `{names}` still to be filled in."""
        return self.ru if language_of(language) == "ru" else self.en

    def to(self, language: str | None, /, **values: Any) -> str:
        """The sentence in `language`, as Telegram HTML; values are shown as text, never as markup."""
        return self.template(language).format(
            **{name: escape(str(value), quote=False) for name, value in values.items()}
        )
