"""Endpoints over HTTP: made, looked at, changed, tested, deleted; and what staff see of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from tests.factories import make_user
from tests.threads import in_threads
from tests.webhooks.conftest import OWNER, Receiver
from webhooks import crypto, services
from webhooks.models import Delivery, Endpoint, Event
from webhooks.tasks import send_waiting

Api = Callable[[User | None], APIClient]
PATH = "/api/webhooks"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_secret_is_shown_once(owner: User, api: Api, slash: str) -> None:
    made = api(owner).post(PATH + slash, {"url": "https://example.com/x", "events": ["rights.lost"]})
    assert made.status_code == 201
    row = Endpoint.objects.get()
    assert made.json()["secret"] == crypto.secret_of(row.key)
    shown = api(owner).get(f"{PATH}/{row.pk}").json()
    assert "secret" not in shown and shown["events"] == ["rights.lost"]
    listed = api(owner).get(PATH + slash).json()
    assert [each["id"] for each in listed["results"]] == [row.pk]
    assert str(row.key) not in str(listed)
    renewed = api(owner).post(f"{PATH}/{row.pk}/renew-secret{slash}").json()["secret"]
    assert renewed != made.json()["secret"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "nonsense"), ("url", 5), ("events", ["lunch"]), ("events", "test"), ("events", ["test"]), ("active", 1),
     ("description", "x" * 101), ("account", 1)],
)  # fmt: skip
def test_a_wrong_value_names_its_field(owner: User, api: Api, field: str, value: Any) -> None:
    answer = api(owner).post(PATH, {"url": "https://example.com/x", field: value})
    assert answer.status_code == 400
    assert [name.split(".")[0] for name in answer.json()["errors"]] == [field]


def test_it_is_changed_and_deleted(owner: User, api: Api, endpoint: Endpoint) -> None:
    changed = api(owner).patch(f"{PATH}/{endpoint.pk}", {"active": False, "description": "off"})
    assert (changed.status_code, changed.json()["active"]) == (200, False)
    assert api(owner).patch(f"{PATH}/{endpoint.pk}", {}).status_code == 400
    assert api(owner).delete(f"{PATH}/{endpoint.pk}").status_code == 204
    assert not Endpoint.objects.exists()
    assert set(AuditEntry.objects.values_list("verb", flat=True)) == {
        "add_webhook", "change_webhook", "remove_webhook",
    }  # fmt: skip


def test_a_test_event_and_once_more(owner: User, api: Api, endpoint: Endpoint, receiver: Receiver) -> None:
    asked = api(owner).post(f"{PATH}/{endpoint.pk}/test")
    assert (asked.status_code, asked.json()["event"]) == (202, "test")
    again = f"{PATH}/{endpoint.pk}/deliveries/{asked.json()['id']}/redeliver"
    assert api(owner).post(again).json()["code"] == "STILL_UNDER_WAY"
    send_waiting()
    log = api(owner).get(f"{PATH}/{endpoint.pk}/deliveries?status=delivered").json()
    assert (log["count"], log["results"][0]["response_status"]) == (1, 200)
    assert api(owner).get(f"{PATH}/{endpoint.pk}/deliveries?status=failed").json()["count"] == 0
    assert api(owner).post(again).status_code == 202
    send_waiting()
    assert len({headers["Telegive-Event-Id"] for headers, _ in receiver.heard}) == 1 < len(receiver.heard)


def test_a_stranger_gets_404(stranger: User, api: Api, endpoint: Endpoint) -> None:
    row = Delivery.objects.create(
        endpoint=endpoint, event=Event.TEST, payload={}, event_id="5f0c2a3e-8a53-5d0e-9f5e-0d8f3b1c7a11"
    )
    here, client = f"{PATH}/{endpoint.pk}", api(stranger)
    assert client.get(PATH).json()["count"] == 0
    answers = [
        client.get(here), client.patch(here, {"active": False}), client.delete(here), client.post(f"{here}/test"),
        client.post(f"{here}/renew-secret"), client.get(f"{here}/deliveries"),
        client.post(f"{here}/deliveries/{row.pk}/redeliver"),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
    own = services.add(account_id=stranger.account_id, by=OWNER, url="https://example.com")
    assert client.post(f"{PATH}/{own.pk}/deliveries/{row.pk}/redeliver").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_eleventh_does_not_slip_in(owner: User) -> None:
    def add() -> Endpoint:
        return services.add(account_id=owner.account_id, by=OWNER, url="https://example.com")

    for _ in range(8):
        add()
    said = in_threads(5, add)
    assert sum(isinstance(each, Endpoint) for each in said) == 2
    assert Endpoint.objects.count() == services.MOST_ENDPOINTS


def test_who_may_only_look_sends_nothing(owner: User, endpoint: Endpoint) -> None:
    auditor = make_user(is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_endpoint"))
    desk = Client()
    desk.force_login(auditor)
    page = reverse("admin:webhooks_endpoint_changelist")
    assert b"send_test" not in desk.get(page).content
    desk.post(page, {"action": "send_test", "_selected_action": [endpoint.pk]})
    assert not Delivery.objects.exists()


def test_staff_look_after_them(staff: User, endpoint: Endpoint, receiver: Receiver) -> None:
    desk = Client()
    desk.force_login(staff)
    page = reverse("admin:webhooks_endpoint_changelist")
    listed = desk.get(page)
    assert listed.status_code == 200 and b"127.0.0.1" in listed.content
    desk.post(page, {"action": "send_test", "_selected_action": [endpoint.pk]})
    send_waiting()
    row = Delivery.objects.get()
    assert row.status == "delivered"
    log = reverse("admin:webhooks_delivery_changelist")
    desk.post(log, {"action": "redeliver", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.status == "waiting"
    desk.post(page, {"action": "switch_off", "_selected_action": [endpoint.pk]})
    endpoint.refresh_from_db()
    assert not endpoint.active
    shown = desk.get(reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])).content.decode()
    assert "whsec_" not in shown and str(endpoint.key) not in shown
