"""What people are told of their offers: by mail in full, by SMS in short, in English and Russian."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import translation
from django.utils.formats import date_format

from config.language import Text, language_of

SMS_NAME = 40  # of an offer, so that a text message stays one or two parts


@dataclass(frozen=True)
class Facts:
    """What a notice may say; times are in the account's time zone. `days`: until it ends, rounded up."""

    kind: str
    offer: str
    renewal: bool
    sold: bool
    amount: Decimal
    price: Decimal
    balance: Decimal
    until: datetime | None
    days: int
    transaction: str


@dataclass(frozen=True)
class Words:
    subject: str
    text: str


@dataclass(frozen=True)
class Saying:
    """One kind of notice: the mail's subject and paragraphs, and the whole SMS."""

    subject: Text
    body: tuple[Text, ...]
    sms: Text


RENEW = Text(
    en="To keep it, renew it before then: the days that are left are added to the new ones.",
    ru="Чтобы сохранить её, продлите до этого времени: оставшиеся дни прибавятся к новым.",
)
RENEW_LATE = Text(
    en="Renew it any time to switch it on again.",
    ru="Её можно продлить в любой момент, и она снова заработает.",
)
ENOUGH = Text(
    en="Renewing costs {price}. Your balance is {balance}, which is enough.",
    ru="Продление стоит {price}. На вашем балансе {balance}, этого достаточно.",
)
SHORT = Text(
    en="Renewing costs {price} and your balance is {balance}: top it up by {short} first.",
    ru="Продление стоит {price}, а на балансе {balance}: сначала пополните его на {short}.",
)
NOT_SOLD = Text(
    en="This offer is no longer sold and cannot be renewed. Have a look at the other ones.",
    ru="Эта услуга больше не продаётся, и продлить её нельзя. Посмотрите другие.",
)
ORDER = Text(en="Order: {transaction}", ru="Заказ: {transaction}")
SIGNED = Text(en="Telegive", ru="Telegive")

SAYINGS = {
    "activated": Saying(
        Text(en="{offer} is on", ru="Услуга «{offer}» подключена"),
        (
            Text(
                en="{offer} is on. It works until {until}.",
                ru="Услуга «{offer}» подключена и работает до {until}.",
            ),
            Text(
                en="{amount} was charged, your balance is {balance} now. You need not do anything: we shall remind "
                "you three days and one day before it ends.",
                ru="Списано {amount}, на балансе теперь {balance}. Делать ничего не нужно: мы напомним за три дня и "
                "за день до окончания.",
            ),
            ORDER,
        ),
        Text(
            en="{offer} is on until {until}. Balance: {balance}",
            ru="«{offer}» работает до {until}. Баланс: {balance}",
        ),
    ),
    "renewed": Saying(
        Text(en="{offer} is renewed", ru="Услуга «{offer}» продлена"),
        (
            Text(
                en="{offer} is renewed. It works until {until}.",
                ru="Услуга «{offer}» продлена и работает до {until}.",
            ),
            Text(
                en="{amount} was charged, your balance is {balance} now. You need not do anything.",
                ru="Списано {amount}, на балансе теперь {balance}. Делать ничего не нужно.",
            ),
            ORDER,
        ),
        Text(
            en="{offer} is renewed until {until}. Balance: {balance}",
            ru="«{offer}» продлена до {until}. Баланс: {balance}",
        ),
    ),
    "refunded": Saying(
        Text(en="{offer}: your money is back", ru="«{offer}»: деньги возвращены"),
        (
            Text(
                en="{offer} could not be {done}, so {amount} is back on your balance, which is {balance} now.",
                ru="Услугу «{offer}» не удалось {done}, поэтому {amount} вернулись на баланс: теперь на нём {balance}.",
            ),
            Text(
                en="You can simply try again, or choose another offer. If it fails again, write to us and name the "
                "order below.",
                ru="Можно просто попробовать ещё раз или выбрать другую услугу. Если снова не получится, напишите нам "
                "и назовите номер заказа.",
            ),
            ORDER,
        ),
        Text(
            en="{offer} could not be {done}. {amount} is back. Balance: {balance}",
            ru="«{offer}»: не удалось {done}. {amount} возвращены. Баланс: {balance}",
        ),
    ),
    "expiring": Saying(
        Text(en="{offer} ends {soon}", ru="Услуга «{offer}» заканчивается {soon}"),
        (
            Text(en="{offer} ends {soon}: on {until}.", ru="Услуга «{offer}» заканчивается {soon}: {until}."),
            Text(en="{advice}", ru="{advice}"),
        ),
        Text(
            en="{offer} ends {soon}, {until}. {advice}",
            ru="«{offer}» заканчивается {soon}, {until}. {advice}",
        ),
    ),
    "expired": Saying(
        Text(en="{offer} has ended", ru="Услуга «{offer}» закончилась"),
        (
            Text(en="{offer} ended on {until}.", ru="Услуга «{offer}» закончилась {until}."),
            Text(en="{advice}", ru="{advice}"),
        ),
        Text(en="{offer} ended {until}. {advice}", ru="«{offer}» закончилась {until}. {advice}"),
    ),
}
DONE = {
    False: Text(en="switched on", ru="подключить"),
    True: Text(en="renewed", ru="продлить"),
}
SHORT_ADVICE = {
    True: Text(en="Renew: {price}, balance: {balance}", ru="Продление: {price}, баланс: {balance}"),
    False: Text(en="It is no longer sold.", ru="Она больше не продаётся."),
}
TOMORROW = Text(en="within a day", ru="меньше чем через день")
SOON = Text(en="in {days} days", ru="через {days}")


def mail(facts: Facts, language: str | None) -> Words:
    """The letter."""
    saying = SAYINGS[saying_of(facts.kind)]
    values = _values(facts, language) | {
        "offer": facts.offer,
        "until": moment(facts.until, language),
        "advice": _advice(facts, language),
    }
    paragraphs = [part.plain(language, **values) for part in (*saying.body, SIGNED)]
    return Words(saying.subject.plain(language, **values), "\n\n".join(paragraphs) + "\n")


def sms(facts: Facts, language: str | None) -> Words:
    """The text message; it has no subject."""
    until = facts.until.strftime("%Y-%m-%d %H:%M") if facts.until else ""
    values = _values(facts, language)
    advice = SHORT_ADVICE[facts.sold].plain(language, **values)
    name = facts.offer if len(facts.offer) <= SMS_NAME else facts.offer[: SMS_NAME - 1] + "…"
    said = SAYINGS[saying_of(facts.kind)].sms
    return Words("", said.plain(language, **values, offer=name, until=until, advice=advice))


def saying_of(kind: str) -> str:
    """Both reminders say the same; how many days are left is counted."""
    return "expiring" if kind.startswith("expiring") else kind


def _values(facts: Facts, language: str | None) -> dict[str, str]:
    return {
        "amount": f"{facts.amount:.2f}",
        "price": f"{facts.price:.2f}",
        "balance": f"{facts.balance:.2f}",
        "short": f"{max(facts.price - facts.balance, Decimal(0)):.2f}",
        "done": DONE[facts.renewal].plain(language),
        "soon": soon(facts.days, language),
        "transaction": facts.transaction,
    }


def _advice(facts: Facts, language: str | None) -> str:
    """What to do next, and whether the money for it is there."""
    if not facts.sold:
        return NOT_SOLD.plain(language)
    how = RENEW_LATE if facts.kind == "expired" else RENEW
    money = ENOUGH if facts.balance >= facts.price else SHORT
    return f"{how.plain(language)} {money.plain(language, **_values(facts, language))}"


def soon(days: int, language: str | None) -> str:
    """In three days; in Russian the word follows the number: 2 дня, 5 дней, 21 день."""
    if days <= 1:
        return TOMORROW.plain(language)
    return SOON.plain(language, days=days_in_russian(days) if language_of(language) == "ru" else days)


def days_in_russian(days: int) -> str:
    if days % 10 == 1 and days % 100 != 11:
        return f"{days} день"
    few = days % 10 in (2, 3, 4) and days % 100 not in (12, 13, 14)
    return f"{days} дня" if few else f"{days} дней"


def moment(when: datetime | None, language: str | None) -> str:
    """30 November 2026, 14:00 (Europe/Moscow): the zone is named, because mail is read anywhere."""
    if when is None:
        return ""
    with translation.override(language_of(language)):
        return f"{date_format(when, 'j E Y, H:i')} ({when.tzinfo})"
