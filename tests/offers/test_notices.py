"""Notices: rows that are sent once, retried with patience, never twice by SMS, and never anywhere near money."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.audit import Actor
from accounts.models import AuditEntry, LedgerEntry, User
from config.checks import senders_of_notices_exist
from offers.errors import IllegalMove
from offers.models import Notice, Subscription, Transaction
from offers.senders.letter import Letter
from offers.services import delivery, notices
from offers.services.delivery import Outcome, Report
from offers.tasks import send_notices
from tests.factories import make_account
from tests.offers.inbox import Outside, bought, reachable, told
from tests.threads import in_threads

STAFF = Actor(label="staff")
Status = Notice.Status
sent: list[Letter] = []


@pytest.fixture
def outside(sandbox_url: str, settings: Any) -> Iterator[Outside]:
    """The sandbox as mail server and SMS provider."""
    there = Outside(sandbox_url)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", there.smtp_port(), 10
    settings.DEFAULT_FROM_EMAIL = "Telegive <us@telegive.example>"
    settings.SMS_URL, settings.SMS_API_KEY = f"{sandbox_url}/sms", "sandbox-sms-key"
    yield there
    there.calm()
    there.http.close()


@pytest.fixture
def order(owner: User) -> Transaction:
    return bought(reachable(owner))


def by(settings: Any, name: str) -> None:
    """Both channels are sent by a function of this file."""
    sent.clear()
    settings.NOTICE_SENDERS = dict.fromkeys(("email", "sms"), f"{__name__}.{name}")


def takes(letter: Letter) -> Report:
    sent.append(letter)
    return Report(Outcome.TAKEN, reference="x1")


def raises(_: Letter) -> Report:
    raise RuntimeError("secret@example.com is not told")


def puts_off(_: Letter) -> Report:
    return Report(Outcome.LATER, "Not now.")


def is_in_doubt(_: Letter) -> Report:
    return Report(Outcome.UNKNOWN, "No answer.")


def answers_nothing(_: Letter) -> None:
    return None


def refuses(_: Letter) -> Report:
    return Report(Outcome.REFUSED, "No such mailbox.")


def is_away(letter: Letter) -> Report:
    sent.append(letter)
    return Report(Outcome.AWAY, "No connection.")


def statuses(order: Transaction) -> dict[str, str]:
    return dict(Notice.objects.filter(transaction=order).values_list("channel", "status"))


def later(**duration: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**duration), tick=True)


def test_a_person_is_told_by_mail_and_by_sms_once(order: Transaction, outside: Outside) -> None:
    told(order)
    told(order)
    send_notices()
    send_notices()
    user = order.subscription.user
    assert user
    (mail,), (sms,) = outside.letters(user.email), outside.letters(user.phone)
    assert mail["subject"] == f"{order.offer.name} is on"
    assert "29.99 was charged" in mail["text"] and str(order.public_id) in mail["text"]
    assert sms["text"].startswith(order.offer.name[:20])
    for row in Notice.objects.all():
        assert (row.status, row.attempts, row.reason) == ("sent", 1, "")
        assert row.sent_at and row.reference in (mail["message_id"], f"sms-{sms['id']}")


def test_it_speaks_the_accounts_language_and_clock(order: Transaction, outside: Outside) -> None:
    order.account.language, order.account.time_zone = "ru", "Europe/Moscow"
    order.account.save()
    told(order)
    send_notices()
    (mail,) = outside.letters(order.user.email)  # type: ignore[union-attr]
    assert mail["subject"] == f"Услуга «{order.offer.name}» подключена"
    assert "(Europe/Moscow)" in mail["text"] and "Списано 29.99" in mail["text"]


def test_nobody_is_told_where_they_cannot_be_reached(owner: User) -> None:
    order = bought(reachable(owner, phone=False))
    assert [notice.channel for notice in told(order)] == ["email"]
    owner.is_active = False
    owner.save()
    again = bought(owner)
    assert told(again) == []


@pytest.mark.parametrize("change", ["gone", "inactive", "elsewhere"])
def test_an_address_that_is_gone_is_not_written_to(order: Transaction, settings: Any, change: str) -> None:
    by(settings, "takes")
    told(order)
    user = User.objects.get(pk=order.user_id)
    if change == "gone":
        user.email = user.phone = ""
    elif change == "inactive":
        user.is_active = False
    else:
        user.account = make_account()
    user.save()
    send_notices()
    assert (statuses(order), sent) == ({"email": "failed", "sms": "failed"}, [])


@pytest.mark.parametrize(
    ("kind", "subscription", "status"),
    [
        ("expiring_3", {"expires_at": timedelta(days=3)}, "sent"),
        ("expiring_3", {"expires_at": timedelta(days=33)}, "outdated"),  # renewed since
        ("expiring_1", {"expires_at": timedelta(hours=20)}, "sent"),
        ("expiring_1", {"expires_at": timedelta(hours=-1)}, "outdated"),
        ("expiring_1", {"expires_at": timedelta(hours=9), "status": "expired"}, "outdated"),
        ("expired", {"expires_at": timedelta(hours=-1), "status": "expired"}, "sent"),
        ("expired", {"expires_at": timedelta(days=30)}, "outdated"),
    ],
)
def test_what_is_no_longer_true_is_not_said(
    order: Transaction, settings: Any, kind: str, subscription: dict[str, Any], status: str
) -> None:
    by(settings, "takes")
    moved = {**subscription, "expires_at": timezone.now() + subscription["expires_at"]}
    started = {"starts_at": timezone.now() - timedelta(days=40)}
    told(order, Notice.Kind(kind), **started, **moved)
    send_notices()
    assert statuses(order) == {"email": status, "sms": status}


# --- what fails --------------------------------------------------------------------------------------
def test_what_is_put_off_goes_later_after_growing_pauses(order: Transaction, settings: Any) -> None:
    by(settings, "puts_off")
    told(order)
    pauses = []
    for attempt in range(1, delivery.MOST_ATTEMPTS + 1):
        Notice.objects.update(due_at=timezone.now())
        send_notices()
        row = Notice.objects.get(channel="email")
        assert (row.attempts, row.reason) == (attempt, "Not now.")
        pauses.append(round((row.due_at - timezone.now()).total_seconds() / 60))
    assert pauses[:4] == [1, 2, 4, 8] and max(pauses) == 360
    assert statuses(order) == {"email": "failed", "sms": "failed"}


def test_nothing_is_sent_before_its_time(order: Transaction, settings: Any) -> None:
    by(settings, "puts_off")
    told(order)
    send_notices()
    by(settings, "takes")
    send_notices()
    assert sent == []
    with later(seconds=61):
        send_notices()
    assert statuses(order) == {"email": "sent", "sms": "sent"}


def test_a_doubt_is_repeated_by_mail_and_never_by_sms(order: Transaction, settings: Any) -> None:
    by(settings, "is_in_doubt")
    told(order)
    send_notices()
    assert statuses(order) == {"email": "waiting", "sms": "uncertain"}
    by(settings, "takes")
    with later(hours=1):
        send_notices()
    assert statuses(order) == {"email": "sent", "sms": "uncertain"}
    assert [letter.to for letter in sent] == [order.user.email]  # type: ignore[union-attr]


def test_every_attempt_by_mail_carries_the_same_message_id(order: Transaction, outside: Outside) -> None:
    told(order)
    outside.fault("email", "lost")
    send_notices()
    assert statuses(order)["email"] == "waiting"
    with later(minutes=2):
        send_notices()
    first, second = outside.letters(order.user.email)  # type: ignore[union-attr]
    assert first["message_id"] == second["message_id"]


@pytest.mark.parametrize(
    ("fault", "status"), [("lost", "uncertain"), ("garble", "uncertain"), ("later", "waiting")]
)
def test_an_sms_is_never_charged_twice(order: Transaction, outside: Outside, fault: str, status: str) -> None:
    told(order)
    outside.fault("sms", fault)
    send_notices()
    assert statuses(order)["sms"] == status
    with later(hours=7):
        send_notices()
    assert len(outside.letters(order.user.phone)) == 1  # type: ignore[union-attr]


def test_a_worker_that_died_leaves_mail_to_the_next_and_sms_in_doubt(
    order: Transaction, settings: Any
) -> None:
    told(order)
    for channel in Notice.Channel:
        assert delivery.claim(channel)
    by(settings, "takes")
    send_notices()
    assert sent == []  # they may still be at it
    with later(minutes=4):
        send_notices()
    with later(minutes=8):
        send_notices()
    assert statuses(order) == {"email": "sent", "sms": "uncertain"}
    assert Notice.objects.get(channel="sms").reason == delivery.DIED


def test_whoever_comes_back_late_changes_nothing_but_what_was_taken(order: Transaction) -> None:
    told(order)
    mail, sms = delivery.claim("email"), delivery.claim("sms")
    assert mail and sms
    with later(minutes=4):
        assert delivery.claim("email") is None and delivery.claim("sms") is None
        delivery.record(mail, Report(Outcome.REFUSED, "too late"))
        assert statuses(order) == {"email": "waiting", "sms": "uncertain"}
        delivery.record(sms, Report(Outcome.TAKEN))
    assert statuses(order) == {"email": "waiting", "sms": "sent"}


def test_a_server_that_is_away_is_asked_once_a_round(owner: User, settings: Any) -> None:
    for _ in range(3):
        told(bought(reachable(owner)))
    by(settings, "is_away")
    send_notices()
    assert len(sent) == 2  # one by each channel


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_send_each_notice_once(owner: User, settings: Any) -> None:
    for _ in range(5):
        told(bought(reachable(owner)))
    by(settings, "takes")
    assert all(result is None for result in in_threads(20, send_notices))
    send_notices()
    assert len({letter.reference for letter in sent}) == len(sent) == 10
    assert set(Notice.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_one_notice_of_a_channel_is_under_way_at_a_time(owner: User) -> None:
    for _ in range(2):
        told(bought(reachable(owner)))
    assert delivery.claim("email") and delivery.claim("sms")
    assert delivery.claim("email") is None and delivery.claim("sms") is None


def test_nobody_is_written_to_inside_a_transaction(order: Transaction) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        send_notices()


# --- money ---------------------------------------------------------------------------------------------
EXPLOSIONS = ["raises", "puts_off", "is_in_doubt", "answers_nothing", "refuses", "is_away", "no_such_sender"]


@pytest.mark.parametrize("explosion", EXPLOSIONS)
def test_senders_that_explode_change_no_money_and_no_order(
    order: Transaction, settings: Any, explosion: str
) -> None:
    def money() -> list[Any]:
        orders = list(Transaction.objects.values())
        running = list(Subscription.objects.values())
        order.account.refresh_from_db()
        return [orders, running, order.account.balance, LedgerEntry.objects.count()]

    told(order)
    by(settings, explosion)
    before = money()
    for hours in (0, 1, 24, 240):
        with later(hours=hours):
            send_notices()
    assert money() == before
    assert set(statuses(order).values()) <= {"waiting", "failed", "uncertain"}


def test_neither_addresses_nor_texts_are_logged_or_kept(
    order: Transaction, settings: Any, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told(order)
    outside.fault("email", "refuse")
    outside.fault("sms", "refuse")
    send_notices()
    by(settings, "raises")
    told(bought(reachable(User.objects.get(pk=order.user_id))))
    send_notices()
    ours = [str(record.msg) for record in caplog.records if record.name != "mail.log"]  # the sandbox's own
    assert ours
    written = repr(ours) + repr(list(Notice.objects.values()))
    assert "@example.com" not in written and "+49151" not in written and order.offer.name not in written


# --- staff -----------------------------------------------------------------------------------------------
def test_staff_send_again_what_failed_or_is_in_doubt(order: Transaction, settings: Any) -> None:
    by(settings, "refuses")
    rows = told(order)
    send_notices()
    by(settings, "takes")
    for row in rows:
        notices.send_again(notice_id=row.pk, by=STAFF)
    send_notices()
    assert statuses(order) == {"email": "sent", "sms": "sent"}
    assert AuditEntry.objects.filter(verb="send_again").count() == 2
    with pytest.raises(IllegalMove):
        notices.send_again(notice_id=rows[0].pk, by=STAFF)


def test_a_stranger_sees_none_of_them(order: Transaction, stranger: User, staff: User) -> None:
    told(order)
    seen: Callable[[User], int] = lambda user: Notice.objects.visible_to(user).count()  # noqa: E731
    assert (seen(order.user), seen(stranger), seen(staff)) == (2, 0, 2)  # type: ignore[arg-type]


def test_a_sender_that_is_misspelt_is_found_at_once(settings: Any) -> None:
    assert senders_of_notices_exist(None) == []
    settings.NOTICE_SENDERS = {"sms": "offers.senders.sms.by_pigeon"}
    assert [fault.id for fault in senders_of_notices_exist(None)] == ["telegive.E002"]


def test_staff_send_again_in_the_admin(order: Transaction, settings: Any, staff: User) -> None:
    by(settings, "refuses")
    rows = told(order)
    send_notices()
    browser = Client()
    browser.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"action": "send_again", "_selected_action": [row.pk for row in rows]}
    assert "may have arrived" in browser.post("/admin/offers/notice/", asked).content.decode()
    assert statuses(order)["sms"] == "failed"  # not before it is confirmed
    sure = {**asked, "confirmed": "yes"}
    assert "is sent again" in browser.post("/admin/offers/notice/", sure, follow=True).content.decode()
    assert statuses(order) == {"email": "waiting", "sms": "waiting"}
    assert AuditEntry.objects.filter(verb="send_again", actor=staff).count() == 2
    assert "cannot become" in browser.post("/admin/offers/notice/", sure, follow=True).content.decode()
