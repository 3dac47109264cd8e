"""Repeating giveaways: by the account's clock, one after another, never a burst, failures told."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from bots.models import Alert, Binding
from giveaways import tasks
from giveaways.models import Giveaway, Repetition, Status
from giveaways.recurrence import Rule, next_after
from giveaways.services import life, repeat
from tests.giveaways.rows import make_binding
from tests.giveaways.test_templates import make_template
from tests.scene import OWNER, Scene
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]
PATH = "/api/giveaways/repetitions"
MONDAY = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)
MOMENTS = st.integers(1577836800, 2208988800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from(["UTC", "Europe/Moscow", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
RULES = st.builds(
    Rule, st.sampled_from(["day", "week", "month"]), st.times().map(lambda at: at.replace(microsecond=0)), ZONES,
    weekday=st.integers(0, 6), month_day=st.integers(1, 31),
)  # fmt: skip


# --- when ---------------------------------------------------------------------------------------------------
@given(RULES, MOMENTS)
def test_the_next_time_is_ahead_and_not_further_than_the_rule_says(rule: Rule, moment: datetime) -> None:
    longest = {"day": timedelta(days=2), "week": timedelta(days=8), "month": timedelta(days=63)}[rule.every]
    assert moment < next_after(rule, moment) <= moment + longest


@given(RULES, MOMENTS)
def test_there_is_nothing_between_two_times(rule: Rule, moment: datetime) -> None:
    first = next_after(rule, moment)
    assert next_after(rule, first - timedelta(seconds=1)) == first
    assert next_after(rule, first) > first


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("day", time(18), "UTC"), "2030-01-07T18:00"),
        (Rule("day", time(12), "UTC"), "2030-01-08T12:00"),
        (Rule("day", time(12), "Europe/Moscow"), "2030-01-08T09:00"),
        (Rule("week", time(18), "UTC", weekday=4), "2030-01-11T18:00"),
        (Rule("month", time(0), "UTC", month_day=31), "2030-01-31T00:00"),
    ],
)
def test_a_rule_is_read_as_people_read_it(rule: Rule, expected: str) -> None:
    assert next_after(rule, MONDAY).isoformat().startswith(expected)


def test_the_thirty_first_is_the_last_of_february() -> None:
    rule = Rule("month", time(10), "UTC", month_day=31)
    assert next_after(rule, datetime(2030, 2, 1, tzinfo=UTC)).day == 28


def test_the_wall_clock_stays_when_summer_begins() -> None:
    rule = Rule("day", time(18), "Europe/Berlin")
    hours = [next_after(rule, datetime(2030, 3, day, 12, tzinfo=UTC)).hour for day in (30, 31)]
    assert hours == [17, 16]


# --- rules --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"every": "year"}, "every"),
        ({"every": "week"}, "weekday"),
        ({"every": "week", "weekday": 7}, "weekday"),
        ({"every": "month", "weekday": 1, "month_day": 1}, "weekday"),
        ({"every": "month", "month_day": 0}, "month_day"),
        ({"every": "day", "month_day": 1}, "month_day"),
        ({"every": "day", "at": "25:00"}, "at"),
        ({"every": "day", "count": 0}, "count"),
        ({"every": "day", "until": "2001-01-01T00:00:00Z"}, "until"),
    ],
)
def test_a_rule_that_makes_no_sense_is_400(owner: User, api: Api, body: dict[str, Any], field: str) -> None:
    template = make_template(owner)
    answer = api(owner).post(PATH, {"template_id": template.pk, "at": "18:00", **body})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_rule_is_shown_and_stopped(owner: User, api: Api) -> None:
    client, template = api(owner), make_template(owner)
    made = client.post(
        PATH, {"template_id": template.pk, "every": "week", "weekday": 4, "at": "18:00"}
    ).json()
    assert (made["active"], made["made"], datetime.fromisoformat(made["next_at"]).weekday()) == (True, 0, 4)
    stopped = client.delete(f"{PATH}/{made['id']}/").json()
    assert (stopped["active"], stopped["next_at"]) == (False, None)
    assert client.get(f"{PATH}?active=false").json()["results"] == [stopped]


def test_a_stranger_sees_and_stops_nothing(owner: User, stranger: User, api: Api) -> None:
    rule = daily(owner)
    client = api(stranger)
    assert (client.get(PATH).json()["count"], client.delete(f"{PATH}/{rule.pk}").status_code) == (0, 404)


# --- the clock ----------------------------------------------------------------------------------------------
def daily(owner: User, **values: Any) -> Repetition:
    """Every day at six in the evening, for an hour each."""
    template = make_template(owner, lasts_minutes=60)
    return repeat.create(template_id=template.pk, by=OWNER, values={"every": "day", "at": time(18), **values})


def over(giveaway: Giveaway) -> None:
    life.cancel(giveaway_id=giveaway.pk, by=OWNER)


def test_the_next_one_begins_at_its_time_and_is_published(scene: Scene) -> None:
    with time_machine.travel(MONDAY, tick=True):
        rule = daily(scene.user)
        tasks.repeat_due()
        assert not Giveaway.objects.exists()
    with time_machine.travel(MONDAY + timedelta(hours=6, seconds=5), tick=True):
        tasks.repeat_due()
        tasks.repeat_due()
        tasks.post_waiting()
        giveaway = Giveaway.objects.get()
        assert (giveaway.status, len(scene.control.posts(scene.channel))) == (Status.ACTIVE, 1)
        assert giveaway.ends_at and giveaway.ends_at.hour == 19
        rule.refresh_from_db()
        assert (rule.made, rule.last, rule.next_at) == (1, giveaway, datetime(2030, 1, 8, 18, tzinfo=UTC))


def test_days_without_us_make_one_not_one_for_each(owner: User) -> None:
    make_binding(owner.account)
    with time_machine.travel(MONDAY, tick=True):
        rule = daily(owner)
    with time_machine.travel(MONDAY + timedelta(days=5, hours=1), tick=True):
        for _ in range(3):
            tasks.repeat_due()
    rule.refresh_from_db()
    assert (Giveaway.objects.count(), rule.next_at) == (1, datetime(2030, 1, 12, 18, tzinfo=UTC))


def test_it_waits_for_the_former_one_and_for_any_other(owner: User) -> None:
    make_binding(owner.account)
    with time_machine.travel(MONDAY, tick=True):
        daily(owner)
    with time_machine.travel(MONDAY + timedelta(days=1), tick=True):
        tasks.repeat_due()
    first = Giveaway.objects.get()
    with time_machine.travel(MONDAY + timedelta(days=3), tick=True):
        tasks.repeat_due()
        assert Giveaway.objects.count() == 1
        over(first)
        tasks.repeat_due()
        assert Giveaway.objects.count() == 2
    assert not Alert.objects.exists()


def test_it_is_over_after_so_many(owner: User) -> None:
    make_binding(owner.account)
    with time_machine.travel(MONDAY, tick=True):
        rule = daily(owner, count=2)
    for day in (1, 2, 3):
        with time_machine.travel(MONDAY + timedelta(days=day), tick=True):
            tasks.repeat_due()
            over(Giveaway.objects.latest("pk"))
    rule.refresh_from_db()
    assert (rule.active, rule.next_at, Giveaway.objects.count()) == (False, None, 2)


def test_it_is_over_after_its_last_day(owner: User) -> None:
    make_binding(owner.account)
    with time_machine.travel(MONDAY, tick=True):
        rule = daily(owner, until=MONDAY + timedelta(days=1))
    with time_machine.travel(MONDAY + timedelta(hours=7), tick=True):
        tasks.repeat_due()
    rule.refresh_from_db()
    assert (rule.made, rule.active) == (1, False)


def test_what_stands_in_the_way_is_told_and_tried_again_at_the_next_time(owner: User) -> None:
    binding = make_binding(owner.account, status=Binding.Status.INVALID)
    with time_machine.travel(MONDAY, tick=True):
        rule = daily(owner)
    with time_machine.travel(MONDAY + timedelta(hours=7), tick=True):
        for _ in range(3):
            tasks.repeat_due()
    rule.refresh_from_db()
    alert = Alert.objects.get()
    assert (rule.active, rule.made, Giveaway.objects.count()) == (True, 0, 0)
    assert ("may not post" in rule.error, alert.kind, "Friday" in alert.text) == (
        True,
        "repetition_failed",
        True,
    )
    Binding.objects.filter(pk=binding.pk).update(status=Binding.Status.ACTIVE)
    with time_machine.travel(MONDAY + timedelta(days=1, hours=7), tick=True):
        tasks.repeat_due()
    rule.refresh_from_db()
    assert (rule.made, rule.error) == (1, "")


@pytest.mark.django_db(transaction=True)
def test_many_clocks_at_once_begin_one(owner: User) -> None:
    make_binding(owner.account)
    with time_machine.travel(MONDAY, tick=True):
        daily(owner)
    with time_machine.travel(MONDAY + timedelta(hours=7), tick=True):
        assert sorted(map(int, in_threads(6, repeat.run_due))) == [0, 0, 0, 0, 0, 1]  # type: ignore[arg-type]
    assert Giveaway.objects.count() == 1
