"""Staff's hand in a balance: by service and by command; what is sent twice moves money once."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import services
from accounts.audit import SYSTEM
from accounts.errors import MovementRepeated, NotEnoughMoney, UnfitAmount
from accounts.models import AuditEntry, LedgerEntry, User
from tests.factories import make_user
from tests.threads import in_threads


def balance_of(user: User) -> Decimal:
    user.account.refresh_from_db()
    return user.account.balance


def top_up(user: User, amount: str = "20.00", key: str = "k") -> LedgerEntry:
    return services.top_up(
        account_id=user.account_id, amount=Decimal(amount), reason="Paid in cash", key=key, by=SYSTEM
    )


def run(*words: str) -> str:
    out = StringIO()
    call_command("top_up", *words, stdout=out)
    return out.getvalue()


def test_it_is_recorded_with_its_reason(owner: User) -> None:
    entry = top_up(owner)
    assert (
        (entry.note, entry.balance_after)
        == ("Paid in cash", balance_of(owner))
        == ("Paid in cash", Decimal("20.00"))
    )
    trail = AuditEntry.objects.get(verb="top_up")
    assert (trail.before, trail.account_id) == ({"balance": "0.00"}, owner.account_id)
    assert trail.after == {"balance": "20.00", "amount": "20.00", "reason": "Paid in cash"}


def test_the_same_key_does_it_once_and_is_recorded_once(owner: User) -> None:
    assert top_up(owner) == top_up(owner)
    assert (balance_of(owner), AuditEntry.objects.filter(verb="top_up").count()) == (Decimal("20.00"), 1)


def test_a_key_is_not_reused_for_something_else(owner: User, stranger: User) -> None:
    top_up(owner)
    with pytest.raises(MovementRepeated):
        top_up(owner, "21.00")
    with pytest.raises(MovementRepeated):
        top_up(stranger)
    assert (balance_of(owner), balance_of(stranger)) == (Decimal("20.00"), Decimal("0.00"))


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_with_one_key_move_money_once() -> None:
    owner = make_user()
    in_threads(10, lambda: top_up(owner))
    assert balance_of(owner) == Decimal("20.00")


def test_a_correction_goes_either_way_and_never_below_zero(owner: User) -> None:
    def adjust(amount: str, key: str) -> LedgerEntry:
        values: Any = {"reason": "Counted wrong", "key": key, "by": SYSTEM}
        return services.adjust(account_id=owner.account_id, amount=Decimal(amount), **values)

    adjust("10.00", "a")
    assert adjust("-4.00", "b").kind == "adjustment"
    with pytest.raises(NotEnoughMoney):
        adjust("-6.01", "c")
    assert balance_of(owner) == Decimal("6.00")


def test_it_takes_no_negative_sum(owner: User) -> None:
    with pytest.raises(UnfitAmount):
        top_up(owner, "-5.00")


def test_the_command_tells_the_new_balance(owner: User) -> None:
    assert "owner has 12.50 EUR now." in run("OWNER", "12.50", "--reason", "Paid in cash")
    assert balance_of(owner) == Decimal("12.50")
    assert AuditEntry.objects.get(verb="top_up").actor_label.startswith("manage.py")


def test_the_command_repeated_with_a_key_changes_nothing(owner: User) -> None:
    for _ in range(2):
        run("owner", "5", "--reason", "Invoice 7", "--key", "invoice-7")
    assert balance_of(owner) == Decimal("5.00")
    run("owner", "5", "--reason", "Another one")
    assert balance_of(owner) == Decimal("10.00")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nobody", "5", "--reason", "x"], "nobody"),
        (["owner", "five", "--reason", "x"], "five"),
        (["owner", "NaN", "--reason", "x"], "sum"),
        (["owner", "0", "--reason", "x"], "sum"),
        (["owner", "1.001", "--reason", "x"], "sum"),
        (["owner", "5"], "--reason"),
        (["owner", "5", "--reason", " "], "--reason"),
    ],
)
def test_the_command_refuses_with_a_sentence(owner: User, words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*words)
    assert balance_of(owner) == Decimal("0.00")
