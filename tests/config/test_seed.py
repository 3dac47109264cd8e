"""`manage.py seed`."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from offers.models import Offer
from tests.conftest import client_of


def seed(*options: str) -> str:
    out = StringIO()
    call_command("seed", *options, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("demo", "demo-password-1"),
        ("admin", "admin-password-1"),
        ("user1", "password123"),
        ("user2", "password123"),
    ],
)
def test_the_people_it_creates_can_log_in(db: None, username: str, password: str) -> None:
    seed("--users", "2")
    answer = client_of(None).post("/api/v1/auth/login", {"username": username, "password": password})
    assert answer.status_code == 200


def test_a_second_run_changes_nothing(db: None) -> None:
    seed()
    User.objects.filter(username="demo").update(first_name="Changed")
    assert "0 users created, 7 were there." in seed()
    assert User.objects.get(username="demo").first_name == "Changed"


def test_only_the_admin_is_staff(db: None) -> None:
    seed()
    assert [user.username for user in User.objects.filter(is_superuser=True, is_staff=True)] == ["admin"]
    assert User.objects.filter(is_staff=True).count() == 1


def test_the_offers_cost_what_the_seed_promises(db: None) -> None:
    assert "10 offers created, 0 were there." in seed()
    offers = Offer.objects.active()
    assert {offer.kind for offer in offers} == set(Offer.Kind.values)
    assert {offer.duration_days for offer in offers} == {30}
    prices = sorted(offer.price for offer in offers)
    assert (len(prices), prices[0], prices[-1]) == (10, Decimal("29.99"), Decimal("129.99"))


def test_everybody_has_money_once(db: None) -> None:
    seed("--users", "7", "--offers", "0")
    seed("--users", "12", "--offers", "0")
    for user in User.objects.filter(is_staff=False).select_related("account"):
        assert Decimal("50") <= user.account.balance <= Decimal("500"), user.username
        assert user.account.ledger_entries.count() == 1


def test_a_renamed_offer_is_not_made_again(db: None) -> None:
    seed("--users", "0", "--offers", "3")
    Offer.objects.filter(name="Internet 100").update(name="Fibre 100")
    assert "0 offers created, 3 were there." in seed("--users", "0", "--offers", "3")
    assert "9 offers created" in seed("--users", "0", "--offers", "12")


@pytest.mark.parametrize("option", ["--users", "--offers"])
def test_it_refuses_less_than_none(db: None, option: str) -> None:
    with pytest.raises(CommandError, match="0 or more"):
        seed(option, "-1")


def test_it_refuses_production_unless_forced(db: None, settings: Any) -> None:
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="--force"):
        seed()
    assert not User.objects.exists()
    seed("--force")
    assert User.objects.exists()
