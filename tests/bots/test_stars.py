"""Topping up with Stars: one charge is one entry in the ledger, one refund its reverse, whatever is told twice."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import ledger
from accounts.audit import SYSTEM
from accounts.errors import NotEnoughMoney
from accounts.models import Account, AuditEntry, LedgerEntry, User
from bots import tasks
from bots.answers import Answer, Outcome
from bots.errors import IllegalMove, StarsNotHeld, StarsNotOwed, StarsNotRefundable, StarsSpent
from bots.models import Bot, LinkedOwner, StarPayment
from bots.services import owners, star_refunds, stars, subscribers
from bots.services.stars import Charge
from config.facts import rows
from participants.services import known
from tests.bots.conftest import connect, make
from tests.conftest import client_of
from tests.factories import make_user
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

Status = StarPayment.Status


def link(scene: Scene, user: User, language: str = "en", bot_id: int | None = None) -> int:
    """A person on Telegram who has shown to be this user."""
    person = scene.control.person("Marina", language_code=language)
    _, payload = owners.request_link(user=user, by=OWNER, bot_id=bot_id)
    scene.control.start(person, scene.bot_id, payload)
    scene.take_updates()
    return person


@pytest.fixture
def boss(scene: Scene) -> int:
    return link(scene, scene.user)


def pay(scene: Scene, person: int, message: dict[str, Any]) -> dict[str, Any]:
    """The person pays an invoice; the bot takes what it is asked and told."""
    with ThreadPoolExecutor(1) as hand:
        about = {"chat_id": scene.bot_id, "message_id": message["message_id"]}
        paying = hand.submit(scene.control.ask, "POST", f"/people/{person}/pay", **about)
        while not paying.done():
            scene.take_updates()
            wait([paying], timeout=0.2)
    scene.take_updates()
    return dict(paying.result())


def invoice(scene: Scene, person: int, command: str = "/topup 500") -> dict[str, Any]:
    scene.tell(person, command)
    return dict(scene.control.chat(person, scene.bot_id)[-1])


def paid(scene: Scene, person: int, command: str = "/topup 500") -> StarPayment:
    assert pay(scene, person, invoice(scene, person, command))["paid"]
    return StarPayment.objects.latest("pk")


def balance(user: User) -> Decimal:
    return Account.objects.get(pk=user.account_id).balance


def entries(user: User) -> list[tuple[str, Decimal]]:
    rows = LedgerEntry.objects.filter(account_id=user.account_id).order_by("pk")
    return list(rows.values_list("reason_key", "amount"))


def charge_of(row: StarPayment, **about: Any) -> Charge:
    values = {"payload": str(row.public_id), "stars": row.stars, "charge_id": row.charge_id or "c-1", **about}
    return Charge(bot_id=row.bot_id, person_id=row.person_id, **values)


def is_sound() -> None:
    """The ledger's sum is the balance of every account."""
    summed = LedgerEntry.objects.values("account").annotate(sum=models.Sum("amount"))
    assert {row["account"]: row["sum"] for row in summed} == {
        account.pk: account.balance
        for account in Account.objects.filter(pk__in=[row["account"] for row in summed])
    }


@pytest.fixture
def unpaid(owner: User) -> StarPayment:
    """An invoice of a bot that nobody has to talk to."""
    fields = {"username": "Till_bot", "name": "Till", "token_fingerprint": uuid4().hex}
    bot = Bot.objects.create(account=owner.account, telegram_id=7_000_000_001, **fields)
    LinkedOwner.objects.create(user=owner, bot=bot, chat_id=5_000_000_001, linked_at=timezone.now())
    return stars.open_invoice(user=owner, bot_id=bot.pk, person_id=5_000_000_001, stars=500)


# --- the whole way, over the sandbox's Telegram ----------------------------------------------------------
def test_an_owner_tops_up_in_their_bot(scene: Scene, boss: int) -> None:
    shown = invoice(scene, boss)
    assert (shown["invoice"]["title"], shown["invoice"]["total_amount"]) == ("Balance +10.00", 500)
    row = StarPayment.objects.get()
    assert (row.status, row.person_id, row.amount) == ("open", boss, Decimal("10.00"))
    done = pay(scene, boss, shown)
    assert done["paid"]
    said = "Thank you! 10.00 arrived for 500 Stars. The balance of owner is 10.00 now."
    assert scene.last(boss) == said
    row.refresh_from_db()
    assert (row.status, row.charge_id, row.credited) == ("paid", done["charge_id"], True)
    assert entries(scene.user) == [(f"stars:{done['charge_id']}", Decimal("10.00"))]


def test_it_speaks_russian_to_russians(scene: Scene) -> None:
    boss = link(scene, scene.user, language="ru")
    assert invoice(scene, boss, "/topup")["invoice"]["title"] == "Баланс +2.00"
    assert "целым числом от 1 до 10000" in scene.tell(boss, "/topup много")


def test_a_number_of_stars_that_cannot_be_paid_is_explained(scene: Scene, boss: int) -> None:
    for number in ("0", "-5", "10001", "five", "1e3", "5.5", "٥", "9" * 30):
        assert "a whole number from 1 to 10000" in scene.tell(boss, f"/topup {number}")
    assert not StarPayment.objects.exists()


def test_to_a_stranger_the_command_means_nothing(scene: Scene) -> None:
    nobody = scene.control.person("Nobody")
    scene.control.start(nobody, scene.bot_id)
    assert scene.tell(nobody, "/topup 500").startswith("Hello! I run giveaways.")
    assert not StarPayment.objects.exists()


def test_only_bots_of_the_platform_take_stars(scene: Scene, boss: int, settings: Any) -> None:
    """Stars belong to whoever owns the bot: a customer's own bot must not sell the platform's money."""
    shown = invoice(scene, boss)
    settings.STARS_BOTS = []
    assert "takes no Stars" in scene.tell(boss, "/topup 500")
    refused = pay(scene, boss, shown)
    assert (refused["paid"], "takes no Stars" in refused["error"]) == (False, True)
    settings.STARS_BOTS = ["till_bot"]
    assert "@till_bot" in scene.tell(boss, "/topup 500")
    assert balance(scene.user) == 0


def test_people_of_every_account_may_pay_the_platforms_bot(
    scene: Scene, stranger: User, settings: Any
) -> None:
    settings.STARS_BOTS = [scene.bot.username.lower()]
    person = link(scene, stranger, bot_id=scene.bot.pk)
    row = paid(scene, person)
    assert (row.account_id, balance(stranger), balance(scene.user)) == (stranger.account_id, Decimal(10), 0)
    other = {"bot_id": connect(make_user(), make(scene.control)).pk}
    assert client_of(stranger).post("/api/v1/account/telegram-link", other).status_code == 409


def test_an_update_that_comes_twice_is_answered_once(scene: Scene, boss: int) -> None:
    row = paid(scene, boss)
    payment = {
        "currency": "XTR", "total_amount": 500, "invoice_payload": str(row.public_id),
        "telegram_payment_charge_id": row.charge_id, "provider_payment_charge_id": "",
    }  # fmt: skip
    person = {"id": boss, "is_bot": False, "first_name": "Marina"}
    message = {
        "message_id": 1, "date": 1, "chat": {"id": boss, "type": "private"}, "from": person,
        "successful_payment": payment,
    }  # fmt: skip
    scene.replay([{"update_id": 1 + number, "message": message} for number in (1, 1, 2)])
    assert entries(scene.user) == [(f"stars:{row.charge_id}", Decimal("10.00"))]


def test_staff_refund_and_telegram_gives_the_stars_back(scene: Scene, boss: int) -> None:
    row = paid(scene, boss)
    star_refunds.request_refund(payment_id=row.pk, by=OWNER)
    assert balance(scene.user) == 0  # at once, so that it cannot be spent meanwhile
    tasks.refund_stars()
    tasks.refund_stars()
    scene.take_updates()  # Telegram tells it, too
    row.refresh_from_db()
    assert (row.status, row.refunded_at is not None) == ("refunded", True)
    assert entries(scene.user)[1:] == [(f"stars-refund:{row.charge_id}", Decimal("-10.00"))]
    assert scene.last(boss) == "500 Stars went back to you, and 10.00 left the balance of owner."
    assert AuditEntry.objects.get(verb="refund_stars").account_id == scene.user.account_id


@pytest.mark.parametrize("kind", ["reset_after_accept", "html_502"])
def test_a_refund_whose_answer_is_lost_is_asked_again_and_done_once(
    scene: Scene, boss: int, kind: str
) -> None:
    row = paid(scene, boss)
    star_refunds.request_refund(payment_id=row.pk, by=OWNER)
    scene.control.fault(kind, method="refundStarPayment")
    tasks.refund_stars()
    row.refresh_from_db()
    assert row.status == "refunding" and row.reason
    with later(minutes=2):
        tasks.refund_stars()
    row.refresh_from_db()
    assert (row.status, row.reason, balance(scene.user)) == ("refunded", "", 0)
    assert len(entries(scene.user)) == 2


def test_what_telegram_does_not_refund_comes_back_to_the_balance(scene: Scene, boss: int) -> None:
    row = paid(scene, boss)
    about = {"method": "refundStarPayment", "code": 400, "description": "Bad Request: USER_ID_INVALID"}
    for refused in (1, 2):
        scene.control.fault("error", **about)
        star_refunds.request_refund(payment_id=row.pk, by=OWNER)
        tasks.refund_stars()
        row.refresh_from_db()
        assert (row.status, row.undone, balance(scene.user)) == ("paid", refused, Decimal(10))
        assert "USER_ID_INVALID" in row.reason
    star_refunds.request_refund(payment_id=row.pk, by=OWNER)
    tasks.refund_stars()
    row.refresh_from_db()
    assert (row.status, balance(scene.user)) == ("refunded", 0)
    is_sound()


def test_stars_that_support_gives_back_leave_the_balance(scene: Scene, boss: int) -> None:
    row = paid(scene, boss)
    scene.control.ask("POST", f"/people/{boss}/refund", charge_id=row.charge_id)
    scene.take_updates()
    row.refresh_from_db()
    assert (row.status, balance(scene.user)) == ("refunded", 0)


def test_what_the_balance_has_spent_becomes_a_debt_for_a_person(scene: Scene, boss: int) -> None:
    row = paid(scene, boss)
    account = {"account_id": scene.user.account_id, "by": SYSTEM}
    ledger.charge(amount=Decimal("4.00"), reason_key="spent", **account)
    with pytest.raises(StarsSpent):
        star_refunds.request_refund(payment_id=row.pk, by=OWNER)
    scene.control.ask("POST", f"/people/{boss}/refund", charge_id=row.charge_id)
    scene.take_updates()
    row.refresh_from_db()
    assert (row.status, balance(scene.user)) == ("owed", Decimal(6))
    assert "had spent the 10.00" in scene.last(boss)
    with pytest.raises(StarsSpent):
        star_refunds.collect(payment_id=row.pk, by=OWNER)
    ledger.top_up(amount=Decimal("5.00"), reason_key="more", **account)
    star_refunds.collect(payment_id=row.pk, by=OWNER)
    assert balance(scene.user) == Decimal(1)
    with pytest.raises(StarsNotOwed):
        star_refunds.collect(payment_id=row.pk, by=OWNER)
    is_sound()


def test_what_no_update_told_is_found_by_comparing(scene: Scene, boss: int) -> None:
    shown = invoice(scene, boss)
    with ThreadPoolExecutor(1) as hand:
        about = {"chat_id": scene.bot_id, "message_id": shown["message_id"]}
        paying = hand.submit(scene.control.ask, "POST", f"/people/{boss}/pay", **about)
        scene.take_updates()  # the question; what follows is never taken
        assert paying.result()["paid"]
    row = StarPayment.objects.get()
    assert row.status == "open"
    for _ in range(2):
        tasks.reconcile_stars()
    row.refresh_from_db()
    assert (row.status, row.charge_id, balance(scene.user)) == (
        "paid",
        paying.result()["charge_id"],
        Decimal(10),
    )
    scene.control.ask("POST", f"/people/{boss}/refund", charge_id=row.charge_id)
    for _ in range(2):
        tasks.reconcile_stars()
    row.refresh_from_db()
    assert (row.status, balance(scene.user), len(entries(scene.user))) == ("refunded", 0, 2)
    scene.take_updates()  # the updates come after all
    assert len(entries(scene.user)) == 2


# --- before the Stars are taken --------------------------------------------------------------------------
def ask(row: StarPayment, query: str = "q1", **about: Any) -> str:
    refusal = stars.check_out(query_id=query, asked=charge_of(row, **about))
    return refusal.en if refusal else ""


def test_the_same_question_gets_the_same_answer_and_another_has_to_wait(unpaid: StarPayment) -> None:
    assert ask(unpaid) == ask(unpaid) == ""
    assert "is being paid at this moment" in ask(unpaid, "q2")
    with later(seconds=61):
        assert ask(unpaid, "q3") == ""


@pytest.mark.parametrize(
    "about", [{"stars": 499}, {"currency": "EUR"}, {"payload": "nonsense"}, {"payload": str(uuid4())}]
)
def test_what_does_not_fit_the_invoice_is_refused(unpaid: StarPayment, about: dict[str, Any]) -> None:
    assert "is not known here" in ask(unpaid, **about)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("somebody else", "is not known here"),
        ("another bot", "is not known here"),
        ("expired", "paid or is too old"),
        ("old", "paid or is too old"),
        ("inactive", "not linked"),
        ("unlinked", "not linked"),
        ("full", "cannot hold that much"),
    ],
)
def test_stars_are_not_taken_for_what_is_no_longer_so(unpaid: StarPayment, change: str, words: str) -> None:
    rows, about = StarPayment.objects.filter(pk=unpaid.pk), {}
    match change:
        case "somebody else":
            rows.update(person_id=1)
            about = {"person_id": 2}
        case "another bot":
            about = {"bot_id": 0}
        case "expired":
            rows.update(status="expired")
        case "old":
            rows.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
        case "inactive":
            User.objects.update(is_active=False)
        case "unlinked":
            LinkedOwner.objects.all().delete()
        case "full":
            Account.objects.update(balance=ledger.MOST)
    values = {"bot_id": unpaid.bot_id, "person_id": unpaid.person_id, **about}
    asked = Charge(payload=str(unpaid.public_id), stars=500, **values)  # type: ignore[arg-type]
    refusal = stars.check_out(query_id="q", asked=asked)
    assert refusal and words in refusal.en


@pytest.mark.django_db(transaction=True)
def test_of_twenty_people_who_pay_one_invoice_at_once_one_may(unpaid: StarPayment) -> None:
    answers = in_threads(20, lambda: stars.check_out(query_id=uuid4().hex, asked=charge_of(unpaid)))
    assert sum(answer is None for answer in answers) == 1


def test_old_invoices_make_room(unpaid: StarPayment, owner: User) -> None:
    for _ in range(stars.MOST_OPEN + 3):
        stars.open_invoice(user=owner, bot_id=unpaid.bot_id, person_id=unpaid.person_id)
    assert StarPayment.objects.filter(status="open").count() == stars.MOST_OPEN
    unpaid.refresh_from_db()
    assert unpaid.status == "expired"


# --- races and what comes in the wrong order -----------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_one_charge_told_by_twenty_at_once_is_one_entry(unpaid: StarPayment, owner: User) -> None:
    rows = in_threads(20, lambda: stars.take_in(charge_of(unpaid)))
    assert {row.pk for row in rows if isinstance(row, StarPayment)} == {unpaid.pk} and len(rows) == 20
    assert entries(owner) == [("stars:c-1", Decimal("10.00"))]


@pytest.mark.django_db(transaction=True)
def test_one_refund_told_by_twenty_at_once_is_one_reverse(unpaid: StarPayment, owner: User) -> None:
    row = stars.take_in(charge_of(unpaid))
    results = in_threads(10, lambda: stars.take_back(charge_of(row)))
    results += in_threads(10, lambda: star_refunds.request_refund(payment_id=row.pk, by=OWNER))
    assert not [
        one for one in results if isinstance(one, Exception) and not isinstance(one, StarsNotRefundable)
    ]
    assert entries(owner) == [("stars:c-1", Decimal("10.00")), ("stars-refund:c-1", Decimal("-10.00"))]


@pytest.mark.django_db(transaction=True)
def test_staff_and_telegram_refunding_together_reverse_once(unpaid: StarPayment, owner: User) -> None:
    row = stars.take_in(charge_of(unpaid))
    turns = iter([star_refunds.request_refund] * 6)

    def either() -> object:
        return next(turns)(payment_id=row.pk, by=OWNER)

    in_threads(6, either)
    in_threads(6, lambda: stars.take_back(charge_of(row)))
    star_refunds.record_refund(payment_id=row.pk, answer=Answer(Outcome.OK))
    row.refresh_from_db()
    assert (row.status, balance(owner), len(entries(owner))) == ("refunded", 0, 2)


def test_a_refund_told_before_its_payment_leaves_nothing_on_the_balance(
    unpaid: StarPayment, owner: User
) -> None:
    stars.take_back(charge_of(unpaid))
    row = stars.take_in(charge_of(unpaid))
    assert (row.pk, row.status, entries(owner)) == (unpaid.pk, "refunded", [])


def test_an_invoice_paid_twice_is_two_payments(unpaid: StarPayment, owner: User) -> None:
    stars.take_in(charge_of(unpaid))
    second = stars.take_in(charge_of(unpaid, charge_id="c-2"))
    assert (second.pk != unpaid.pk, second.status, balance(owner)) == (True, "paid", Decimal(20))


def test_an_invoice_that_expired_here_is_still_taken_in(unpaid: StarPayment, owner: User) -> None:
    StarPayment.objects.update(status="expired")
    assert (stars.take_in(charge_of(unpaid)).status, balance(owner)) == ("paid", Decimal(10))


@pytest.mark.parametrize(
    "about", [{"payload": "somebody's"}, {"stars": 400}, {"currency": "EUR"}, {"payload": str(uuid4())}]
)
def test_what_cannot_be_explained_is_held_for_a_person(
    unpaid: StarPayment, owner: User, about: dict[str, Any]
) -> None:
    row = stars.take_in(charge_of(unpaid, **about))
    assert (row.status, row.account_id, entries(owner)) == ("held", owner.account_id, [])
    assert row.reason
    assert (("held",), 1) in rows.star_payments()  # so that somebody is woken
    star_refunds.credit(payment_id=row.pk, by=OWNER)
    assert len(entries(owner)) == 1 and balance(owner) == row.amount
    with pytest.raises(StarsNotHeld):
        star_refunds.credit(payment_id=row.pk, by=OWNER)


def test_what_the_balance_cannot_hold_is_held_and_can_go_back(unpaid: StarPayment, owner: User) -> None:
    Account.objects.update(balance=ledger.MOST)
    row = stars.take_in(charge_of(unpaid))
    assert (row.status, row.credited) == ("held", False)
    star_refunds.request_refund(payment_id=row.pk, by=OWNER)
    star_refunds.record_refund(payment_id=row.pk, answer=Answer(Outcome.REFUSED, description="no"))
    row.refresh_from_db()
    assert row.status == "held"
    star_refunds.request_refund(payment_id=row.pk, by=OWNER)
    star_refunds.record_refund(payment_id=row.pk, answer=Answer(Outcome.OK))
    row.refresh_from_db()
    assert (row.status, balance(owner)) == ("refunded", ledger.MOST)


@given(
    st.lists(
        st.sampled_from(["in", "in2", "back", "ask", "ok", "no", "doubt", "spend", "collect"]), max_size=14
    )
)
@pytest.mark.django_db(transaction=True)
@settings(max_examples=20, deadline=None)
def test_in_any_order_the_ledger_stays_sound(story: list[str]) -> None:
    user = make_user(username=f"u{uuid4().hex}")
    bot = Bot.objects.create(
        account=user.account, telegram_id=uuid4().int >> 65, token_fingerprint=uuid4().hex
    )
    row = stars.open_invoice(user=user, bot_id=bot.pk, person_id=5, stars=500)
    charge = charge_of(row, charge_id=uuid4().hex)
    for number, act in enumerate(story):
        try:
            play(act, row, charge, f"{charge.charge_id}{number}")
        except (StarsSpent, StarsNotRefundable, StarsNotOwed, NotEnoughMoney):
            continue
    row.refresh_from_db()
    found = dict(entries(user))
    there = found.get(f"stars:{charge.charge_id}", Decimal(0))
    back = -sum(amount for key, amount in found.items() if key.startswith("stars-refund:"))
    expected = {"paid": (10, 0), "owed": (10, 0), "refunding": (10, 10)}
    if row.status in expected:
        assert (there, back) == expected[row.status]
    elif row.status == "refunded":
        assert there == back
    is_sound()


def play(act: str, row: StarPayment, charge: Charge, key: str) -> None:
    answers = {"ok": Outcome.OK, "no": Outcome.REFUSED, "doubt": Outcome.UNKNOWN}
    if act in ("in", "in2"):
        stars.take_in(charge)
    elif act == "back":
        stars.take_back(charge)
    elif act == "ask":
        star_refunds.request_refund(payment_id=row.pk, by=OWNER)
    elif act in answers:
        star_refunds.record_refund(payment_id=row.pk, answer=Answer(answers[act], description="x"))
    elif act == "spend":
        ledger.charge(account_id=row.account_id, amount=Decimal(5), reason_key=key, by=SYSTEM)
    else:
        star_refunds.collect(payment_id=row.pk, by=OWNER)


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_paying_in_pieces_is_never_worth_more(one: int, other: int) -> None:
    assert stars.worth(one) + stars.worth(other) <= stars.worth(one + other)


# --- the rest ---------------------------------------------------------------------------------------------------
def test_a_stranger_sees_none_of_them(unpaid: StarPayment, owner: User, stranger: User, staff: User) -> None:
    seen = [StarPayment.objects.visible_to(user).count() for user in (owner, stranger, staff)]
    assert seen == [1, 0, 1]


def test_a_move_that_life_does_not_know_is_refused(unpaid: StarPayment) -> None:
    with pytest.raises(IllegalMove):
        unpaid.move_to(Status.OWED)


def test_staff_do_it_in_the_admin(unpaid: StarPayment, owner: User, staff: User) -> None:
    row = stars.take_in(charge_of(unpaid))
    browser = Client()
    browser.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"action": "refund", "_selected_action": [row.pk]}
    answer = browser.post("/admin/bots/starpayment/", asked)
    assert "Refund these?" in answer.content.decode() and balance(owner) == 10
    sure = {**asked, "confirmed": "yes"}
    answer = browser.post("/admin/bots/starpayment/", sure, follow=True)
    assert "is refunded" in answer.content.decode()
    answer = browser.post("/admin/bots/starpayment/", {**sure, "action": "collect"}, follow=True)
    assert "Only what is owed can be collected" in answer.content.decode()
    row.refresh_from_db()
    assert (row.status, balance(owner)) == ("refunding", 0)


def test_who_may_only_look_refunds_nothing(unpaid: StarPayment, owner: User) -> None:
    row = stars.take_in(charge_of(unpaid))
    looker = make_user(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_starpayment"))
    browser = Client()
    browser.force_login(looker, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"action": "refund", "_selected_action": [row.pk], "confirmed": "yes"}
    browser.post("/admin/bots/starpayment/", asked, follow=True)
    row.refresh_from_db()
    assert (row.status, balance(owner)) == ("paid", 10)


def test_forgetting_a_person_keeps_the_accounts_and_nothing_else(unpaid: StarPayment, owner: User) -> None:
    stars.take_in(charge_of(unpaid))
    stars.open_invoice(user=owner, bot_id=unpaid.bot_id, person_id=unpaid.person_id)
    person = str(unpaid.person_id)
    known_of = known.about(telegram_id=unpaid.person_id)["paid_in_stars"]
    assert [(row["status"], row["amount"]) for row in known_of] == [("paid", "10.00"), ("open", "2.00")]
    subscribers.forget_person(chat_id=unpaid.person_id)
    assert list(StarPayment.objects.values_list("status", flat=True)) == ["paid"]
    assert person not in repr(list(LedgerEntry.objects.values()))
