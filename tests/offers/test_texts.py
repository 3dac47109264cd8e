"""What people read: complete in both languages, with the number of days as people say it."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers import texts
from offers.models import Notice
from offers.texts import Facts

UNTIL = datetime(2026, 11, 30, 14, 0, tzinfo=ZoneInfo("Europe/Moscow"))


def facts(kind: str = "activated", balance: str = "70.01", **about: object) -> Facts:
    values = {
        "kind": kind, "offer": "Fast internet", "renewal": False, "sold": True, "amount": Decimal("29.99"),
        "price": Decimal("29.99"), "balance": Decimal(balance), "until": UNTIL, "days": 3, "transaction": "abc",
    }  # fmt: skip
    return Facts(**{**values, **about})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_every_kind_has_its_words(kind: str, language: str) -> None:
    mail, sms = texts.mail(facts(kind), language), texts.sms(facts(kind), language)
    assert mail.subject and "\n" not in mail.subject
    assert "Fast internet" in mail.subject and "Fast internet" in sms.text
    assert "{" not in mail.subject + mail.text + sms.text
    assert len(sms.text) <= 160


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_reminder_says_whether_the_money_is_there(language: str) -> None:
    enough, short = facts("expiring_3", "29.99"), facts("expiring_3", "10.00")
    assert "19.99" in texts.mail(short, language).text
    assert "19.99" not in texts.mail(enough, language).text
    gone = texts.mail(facts("expiring_3", sold=False), language).text
    assert texts.NOT_SOLD.plain(language) in gone and "29.99" not in gone


def test_times_are_those_of_the_account() -> None:
    assert "30 November 2026, 14:00 (Europe/Moscow)" in texts.mail(facts(), "en").text
    assert "30 ноября 2026, 14:00 (Europe/Moscow)" in texts.mail(facts(), "ru").text


def test_a_failed_renewal_is_not_called_an_activation() -> None:
    assert "could not be switched on" in texts.mail(facts("refunded"), "en").text
    assert "could not be renewed" in texts.mail(facts("refunded", renewal=True), "en").text


@pytest.mark.parametrize(
    ("days", "english", "russian"),
    [
        (1, "within a day", "меньше чем через день"),
        (2, "in 2 days", "через 2 дня"),
        (5, "in 5 days", "через 5 дней"),
        (11, "in 11 days", "через 11 дней"),
        (21, "in 21 days", "через 21 день"),
    ],
)
def test_days_are_counted_as_people_do(days: int, english: str, russian: str) -> None:
    assert (texts.soon(days, "en"), texts.soon(days, "ru")) == (english, russian)


@given(st.text(min_size=1, max_size=120), st.sampled_from(Notice.Kind.values), st.sampled_from(["en", "ru"]))
def test_any_name_of_an_offer_is_carried_as_it_is(name: str, kind: str, language: str) -> None:
    assert name in texts.mail(facts(kind, offer=name), language).text
    assert len(texts.sms(facts(kind, offer=name), language).text) < 200
