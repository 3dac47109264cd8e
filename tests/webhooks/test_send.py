"""Events go out signed, once per event and endpoint, again until a day is over, and the owner hears of a dead one."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from bots.models import Alert
from bots.tasks import tell_owners
from tests.scene import later
from tests.threads import in_threads
from tests.webhooks.conftest import OWNER, Receiver
from tests.webhooks.verifier import verify
from webhooks import crypto, services
from webhooks.errors import EndpointOff, StillUnderWay
from webhooks.models import Delivery, Endpoint, Event
from webhooks.tasks import send_waiting


def happened(user: User, once: str = "giveaway:7") -> int:
    return services.emit(account_id=user.account_id, event=Event.GIVEAWAY_PUBLISHED, once=once, giveaway_id=7)


def fail_for_a_day(receiver: Receiver) -> None:
    receiver.answers = [500] * (len(services.PAUSES) + 1)
    past = timedelta()
    for pause in (timedelta(), *services.PAUSES):
        past += pause + timedelta(minutes=6)
        with later(seconds=past.total_seconds()):
            send_waiting()


def test_it_is_signed_so_that_the_documented_verifier_takes_it(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    assert happened(owner) == 1
    send_waiting()
    [(headers, body)] = receiver.heard
    secret = crypto.secret_of(endpoint.key)
    assert verify(secret, headers["Telegive-Signature"], body)
    assert not verify(secret, headers["Telegive-Signature"], body + b" ")
    assert not verify(crypto.secret_of(Delivery.objects.get().event_id), headers["Telegive-Signature"], body)
    told = json.loads(body)
    assert (told["event"], told["data"], told["account_id"]) == (
        "giveaway.published", {"giveaway_id": 7}, owner.account_id,
    )  # fmt: skip
    assert told["id"] == headers["Telegive-Event-Id"] == str(Delivery.objects.get().event_id)
    assert Delivery.objects.get().status == Delivery.Status.DELIVERED


def test_an_old_signature_is_refused() -> None:
    old = int(timezone.now().timestamp()) - 301
    assert not verify("whsec_x", crypto.signature("whsec_x", b"{}", old), b"{}")


def test_only_wanted_events_of_the_own_account_are_told(
    owner: User, stranger: User, endpoint: Endpoint
) -> None:
    services.change(endpoint_id=endpoint.pk, by=OWNER, fields={"events": ["rights.lost"]})
    assert happened(owner) == 0
    services.change(endpoint_id=endpoint.pk, by=OWNER, fields={"events": ["giveaway.published"]})
    assert (happened(owner), happened(stranger)) == (1, 0)
    services.change(endpoint_id=endpoint.pk, by=OWNER, fields={"active": False})
    assert happened(owner, "giveaway:8") == 0


@pytest.mark.django_db(transaction=True)
def test_told_by_many_at_once_there_is_one_row_per_event_and_endpoint(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    services.add(account_id=owner.account_id, by=OWNER, url=f"{receiver.url}/second")
    in_threads(8, lambda: happened(owner))
    rows = Delivery.objects.all()
    assert sorted(rows.values_list("endpoint_id", flat=True)) == [endpoint.pk, endpoint.pk + 1]
    assert len(set(rows.values_list("event_id", flat=True))) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_event_once(owner: User, endpoint: Endpoint, receiver: Receiver) -> None:
    for number in range(12):
        happened(owner, f"giveaway:{number}")
    done = in_threads(5, send_waiting)
    assert not [error for error in done if error]
    send_waiting()
    ids = [headers["Telegive-Event-Id"] for headers, _ in receiver.heard]
    assert len(ids) == len(set(ids)) == 12
    assert set(Delivery.objects.values_list("status", "attempts")) == {("delivered", 1)}


@pytest.mark.parametrize("answer", [500, 404, 301, 307])
def test_what_is_no_success_is_tried_again_later(
    owner: User, endpoint: Endpoint, receiver: Receiver, answer: int
) -> None:
    happened(owner)
    receiver.answers = [answer]
    send_waiting()
    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.response_status) == ("waiting", 1, answer)
    send_waiting()
    assert len(receiver.heard) == 1  # nothing is followed, nothing is hurried
    with later(seconds=11):
        send_waiting()
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("delivered", 2, "")
    (first, body), (second, again) = receiver.heard
    assert body == again and first["Telegive-Event-Id"] == second["Telegive-Event-Id"]


def test_a_server_that_fails_rests_before_the_next_event(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    happened(owner), happened(owner, "giveaway:8")
    receiver.answers = [500]
    send_waiting()
    assert len(receiver.heard) == 1
    with later(seconds=11):
        send_waiting()
    assert len(receiver.heard) == 3


def test_a_server_that_is_not_there_costs_an_attempt(owner: User, endpoint: Endpoint) -> None:
    Endpoint.objects.update(url="http://127.0.0.1:9/hook")
    happened(owner)
    send_waiting()
    row = Delivery.objects.get()
    assert (row.status, row.response_status) == ("waiting", None)
    assert row.error.startswith("not reached")


def test_after_a_day_it_is_given_up_and_the_owner_hears_of_it_once(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    happened(owner)
    fail_for_a_day(receiver)
    row = Delivery.objects.get()
    assert (row.status, row.attempts) == ("failed", len(services.PAUSES) + 1)
    endpoint.refresh_from_db()
    assert endpoint.failing_since
    tell_owners()
    tell_owners()
    [alert] = Alert.objects.all()
    assert alert.kind == "webhook_failing" and "127.0.0.1" in alert.text and "/hook" not in alert.text


def test_what_stood_behind_others_for_a_day_is_given_up_with_them(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    for number in range(4):
        happened(owner, f"giveaway:{number}")
    receiver.answers = [500, 500]
    send_waiting()
    with later(hours=25):
        happened(owner, "giveaway:9")
        send_waiting()
    rows = Delivery.objects.order_by("pk")
    assert list(rows.values_list("status", flat=True)) == ["failed"] * 4 + ["waiting"]
    assert set(rows.values_list("response_status", flat=True)) == {500, None}


def test_a_success_ends_the_failing(owner: User, endpoint: Endpoint, receiver: Receiver) -> None:
    Endpoint.objects.update(failing_since=timezone.now(), alerted_at=timezone.now())
    happened(owner)
    send_waiting()
    endpoint.refresh_from_db()
    assert (endpoint.failing_since, endpoint.alerted_at) == (None, None)


def test_sent_once_more_it_is_the_same_event(owner: User, endpoint: Endpoint, receiver: Receiver) -> None:
    happened(owner)
    row = Delivery.objects.get()
    with pytest.raises(StillUnderWay):
        services.redeliver(delivery_id=row.pk, by=OWNER)
    send_waiting()
    services.redeliver(delivery_id=row.pk, by=OWNER)
    send_waiting()
    (first, body), (second, again) = receiver.heard
    assert body == again and first["Telegive-Event-Id"] == second["Telegive-Event-Id"]
    assert Delivery.objects.count() == 1


def test_a_worker_that_died_leaves_the_event_to_the_next(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    happened(owner)
    held = services.claim_endpoint()
    assert held and services.claim_delivery(held)
    send_waiting()
    assert receiver.heard == []
    with later(seconds=61):
        send_waiting()
    assert len(receiver.heard) == 1
    assert Delivery.objects.get().attempts == 2


def test_what_a_worker_brings_too_late_changes_nothing(
    owner: User, endpoint: Endpoint, receiver: Receiver
) -> None:
    happened(owner)
    held = services.claim_endpoint()
    assert held
    late = services.claim_delivery(held)
    assert late
    with later(seconds=61):
        send_waiting()
    services.record(late, response_status=500, error="answered 500")
    assert Delivery.objects.get().status == Delivery.Status.DELIVERED


def test_nothing_is_asked_of_one_that_is_off(endpoint: Endpoint) -> None:
    services.change(endpoint_id=endpoint.pk, by=OWNER, fields={"active": False})
    with pytest.raises(EndpointOff):
        services.send_test(endpoint_id=endpoint.pk, by=OWNER)


def test_a_new_secret_signs_from_then_on(owner: User, endpoint: Endpoint, receiver: Receiver) -> None:
    renewed = services.renew_secret(endpoint_id=endpoint.pk, by=OWNER)
    assert renewed.key != endpoint.key
    happened(owner)
    send_waiting()
    [(headers, body)] = receiver.heard
    assert verify(crypto.secret_of(renewed.key), headers["Telegive-Signature"], body)
    assert not verify(crypto.secret_of(endpoint.key), headers["Telegive-Signature"], body)
