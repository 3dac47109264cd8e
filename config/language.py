"""Texts for people in English and Russian: one value per sentence, chosen by the reader's language.

While a request of the API is served, the language spoken is the caller's: what the browser asks for
(config.middleware.SpokenLanguage), and once it is known who calls, that person's own (`speak`).
"""

from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils import translation

LANGUAGES = ("en", "ru")


def language_of(code: str | None) -> str:
    """The language we speak that is nearest to an IETF tag such as `ru-RU`; English when unsure."""
    return "ru" if code and code.lower().split("-")[0] in ("ru", "be", "uk", "kk") else "en"


def speak(code: str | None) -> None:
    """From here on sentences without a language of their own, the libraries' too, are told in this one; a person
    who names none is left with the one spoken."""
    if code:
        translation.activate(language_of(code))


def spoken() -> str:
    """The language sentences are told in where nobody says another one; English outside requests."""
    return language_of(translation.get_language())


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; `{names}` are filled in, HTML-escaped, by `to`.

    A value that is a Text itself is told in the same language. As a `str` it is what is spoken at that moment, also
    where Django and DRF take a lazy sentence: `lazystr(TEXT)`.
    """

    en: str
    ru: str

    def __str__(self) -> str:
        return self.template(spoken())

    def said(self, **values: Any) -> str:
        """The sentence in the language spoken now, for whoever is listening."""
        return self.plain(spoken(), **values)

    def plain(self, language: str | None, /, **values: Any) -> str:
        """The sentence in `language` as plain text."""
        return self.template(language).format(**in_words(values, language))

    def template(self, language: str | None, /) -> str:
        """The sentence in `language` with its `{names}` still to be filled in."""
        return self.ru if language_of(language) == "ru" else self.en

    def filled(self, **values: Any) -> "Text":
        """The same sentence with its `{names}` filled in, still in both languages."""
        return Text(en=self.plain("en", **values), ru=self.plain("ru", **values))

    def to(self, language: str | None, /, **values: Any) -> str:
        """The sentence in `language` as Telegram HTML; values are shown as text, never as markup."""
        shown = in_words(values, language)
        return self.template(language).format(
            **{name: escape(str(value), quote=False) for name, value in shown.items()}
        )


def in_words(values: dict[str, Any], language: str | None) -> dict[str, Any]:
    """The same values, those that are sentences in one language."""
    return {
        name: value.template(language) if isinstance(value, Text) else value for name, value in values.items()
    }
