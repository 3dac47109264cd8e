"""Offers in the back office: written so that the catalogue follows, orders looked at and decided, money moved once."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, LedgerEntry, User
from offers.models import Offer, Transaction
from offers.services import catalogue, order, settle
from tests.offers.factories import BUYER, balance_of, give, make_offer
from tests.offers.rows import make_subscription, make_transaction

pytestmark = pytest.mark.django_db
MODELS = [model for model in admin.site._registry if model._meta.app_label == "offers"]
NEW = {
    "name": "Net", "kind": "internet", "description": "", "price": "12.50", "duration_days": "30", "is_active": "on",
    "partner_code": "net",
}  # fmt: skip


@pytest.fixture
def desk(staff: User, client: Client) -> Client:
    client.force_login(staff)
    return client


def page(model: str, view: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model}_{view}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_list_opens_and_is_searched(desk: Client, owner: User, model: type[Model]) -> None:
    make_transaction(owner)
    for query in ({}, {"q": "x"}, {"undecided": "yes"} if model is Transaction else {}):
        assert desk.get(page(f"offers_{model._meta.model_name}"), query).status_code == 200


def test_every_row_opens_with_links_to_its_relatives(desk: Client, owner: User) -> None:
    made = make_transaction(owner)
    for model, row in (("transaction", made), ("subscription", made.subscription), ("offer", made.offer)):
        shown = desk.get(page(f"offers_{model}", "change", row.pk))
        assert shown.status_code == 200
        assert b"offers_" in shown.content or b"/admin/offers/" in shown.content


@pytest.mark.django_db(transaction=True)
def test_what_is_written_here_is_in_the_catalogue_at_once(desk: Client) -> None:
    assert desk.post(page("offers_offer", "add"), NEW).status_code == 302
    (offer,) = catalogue.current().offers
    changed = {**NEW, "price": "15.00"}
    assert desk.post(page("offers_offer", "change", offer.pk), changed).status_code == 302
    assert [seen.price for seen in catalogue.current().offers] == [Decimal("15.00")]
    chosen = {"action": "deactivate", "_selected_action": [offer.pk]}
    assert b"Who has one keeps it" in desk.post(page("offers_offer"), chosen).content
    assert desk.post(page("offers_offer"), {**chosen, "confirmed": "yes"}).status_code == 302
    assert catalogue.current().offers == ()
    assert AuditEntry.objects.filter(object_type="offer").count() == 3


def test_an_offer_is_never_deleted(desk: Client) -> None:
    offer = make_offer()
    assert desk.post(page("offers_offer", "delete", offer.pk), {"post": "yes"}).status_code == 403
    assert Offer.objects.filter(pk=offer.pk).exists()


def test_what_was_bought_is_only_looked_at(desk: Client, owner: User) -> None:
    made = make_transaction(owner)
    for model in ("transaction", "subscription"):
        assert desk.get(page(f"offers_{model}", "add")).status_code == 403
        assert desk.post(page(f"offers_{model}", "change", made.pk), {"status": "FAILED"}).status_code == 403


def stuck(owner: User) -> Transaction:
    """Called off long ago, and the partner says nothing."""
    give(owner, "100.00")
    made, _ = order.activate(user=owner, offer_id=make_offer().pk, by=BUYER)
    Transaction.objects.filter(pk=made.pk).update(called_off_at=timezone.now() - timedelta(hours=1))
    return made


def decide(desk: Client, made: Transaction, verb: str, **more: str) -> bytes:
    body = {"action": verb, "_selected_action": [made.pk], **more}
    content: bytes = desk.post(page("offers_transaction"), body, follow=True).content
    return content


def test_a_stuck_order_is_refunded_after_a_reason_was_given(desk: Client, owner: User) -> None:
    made = stuck(owner)
    assert b'name="reason"' in decide(desk, made, "give_up")
    assert b'name="reason"' in decide(desk, made, "give_up", confirmed="yes", reason=" ")
    assert balance_of(owner) == Decimal("70.01")
    assert b"is refunded" in decide(desk, made, "give_up", confirmed="yes", reason="Told by telephone")
    made.refresh_from_db()
    assert (made.status, made.reason, balance_of(owner)) == ("FAILED", "Told by telephone", Decimal("100.00"))
    assert b"already" in decide(desk, made, "give_up", confirmed="yes", reason="Again")
    assert balance_of(owner) == Decimal("100.00")


def test_a_stuck_order_is_confirmed_or_called_off(desk: Client, owner: User) -> None:
    made = stuck(owner)
    decide(desk, made, "confirm", confirmed="yes", reason="Told by telephone")
    made.refresh_from_db()
    assert made.status == "SUCCESS"
    other = make_transaction(owner, make_subscription(owner, status="waiting"), status="PENDING")
    decide(desk, other, "call_off", confirmed="yes", reason="Asked for")
    other.refresh_from_db()
    assert other.called_off_at is not None
    assert settle.Status(other.status) == "PENDING"


# --- money ------------------------------------------------------------------------------------------------------
def money(desk: Client, owner: User, action: str, **fields: str) -> bytes:
    content: bytes = desk.post(
        f"/admin/accounts/account/{owner.account_id}/{action}/", fields, follow=True
    ).content
    return content


def form_key(desk: Client, owner: User, action: str = "top-up") -> str:
    shown = desk.get(f"/admin/accounts/account/{owner.account_id}/{action}/").content.decode()
    found = re.search(r'name="key" value="([0-9a-f-]+)"', shown)
    assert found
    return found[1]


def test_a_top_up_is_shown_before_it_is_done_and_done_once(desk: Client, owner: User) -> None:
    body = {"amount": "25.00", "reason": "Paid in cash", "key": form_key(desk, owner)}
    assert "25.00 EUR" in money(desk, owner, "top-up", **body).decode()
    assert balance_of(owner) == Decimal("0.00")
    for _ in range(2):
        assert b"the balance is 25.00 now" in money(desk, owner, "top-up", **body, confirmed="yes")
    assert balance_of(owner) == Decimal("25.00")
    assert LedgerEntry.objects.get().note == "Paid in cash"
    assert AuditEntry.objects.get(verb="top_up").actor_label == "staff"


@pytest.mark.parametrize("amount", ["0", "-5", "1.001", "x", "NaN", ""])
def test_a_sum_that_makes_no_sense_is_asked_for_again(desk: Client, owner: User, amount: str) -> None:
    key = form_key(desk, owner)
    assert b'name="amount"' in money(
        desk, owner, "top-up", amount=amount, reason="x", key=key, confirmed="yes"
    )
    assert not LedgerEntry.objects.exists()


def test_a_correction_may_take_away_but_not_more_than_there_is(desk: Client, owner: User) -> None:
    give(owner, "10.00")
    for amount, left in (("-4.00", "6.00"), ("-6.01", "6.00")):
        key = form_key(desk, owner, "adjust")
        money(desk, owner, "adjust", amount=amount, reason="Counted wrong", key=key, confirmed="yes")
        assert balance_of(owner) == Decimal(left)


def test_who_may_only_look_moves_no_money(staff: User, owner: User, client: Client) -> None:
    User.objects.filter(pk=staff.pk).update(is_superuser=False)
    client.force_login(User.objects.get(pk=staff.pk))
    assert client.get(f"/admin/accounts/account/{owner.account_id}/top-up/").status_code == 403


def test_the_ledger_is_searched_by_the_order_it_is_about(desk: Client, owner: User) -> None:
    made = stuck(owner)
    found = desk.get(page("accounts_ledgerentry"), {"q": str(made.public_id)}).content.decode()
    assert "-29.99" in found
    entry = LedgerEntry.objects.get(kind="charge")
    assert desk.get(page("accounts_ledgerentry", "change", entry.pk)).status_code == 200
    assert desk.post(page("accounts_ledgerentry", "delete", entry.pk)).status_code == 403
