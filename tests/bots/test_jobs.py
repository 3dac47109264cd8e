"""Jobs: found as rows, claimed by lease, finished once, read at /tasks/{id}."""

from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from bots import tasks
from bots.models import Binding, Bot, Job
from bots.services import channels, jobs
from bots.tasks import binding as binding_task
from tests.conftest import client_of
from tests.scene import OWNER, Control
from tests.threads import in_threads


@pytest.fixture
def job(owner: User, connected: Bot, channel: dict[str, Any]) -> Job:
    """A channel to bind, asked for and not begun."""
    link = f"@{channel['username']}"
    return channels.request_binding(account_id=owner.account_id, channel=link, by=OWNER)


def asked(control: Control, bot: Bot) -> int:
    return len(control.ask("GET", f"/calls?method=getChat&bot_id={bot.telegram_id}"))


def lease_ends() -> None:
    Job.objects.update(leased_until=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_run_it_once(job: Job, connected: Bot, control: Control) -> None:
    assert in_threads(4, tasks.run_waiting_jobs) == [None] * 4
    job.refresh_from_db()
    assert (job.status, job.attempts, asked(control, connected)) == ("SUCCESS", 1, 1)


@pytest.mark.django_db(transaction=True)
def test_no_two_workers_hold_one_job(owner: User, connected: Bot) -> None:
    for number in range(12):
        channels.request_binding(account_id=owner.account_id, channel=f"@name{number}", by=OWNER)
    claimed = in_threads(6, lambda: jobs.claim_jobs(most=2))
    ids = [job.pk for some in claimed for job in some]  # type: ignore[union-attr]
    assert len(ids) == len(set(ids))
    assert set(ids) | {job.pk for job in jobs.claim_jobs()} == set(Job.objects.values_list("pk", flat=True))


def test_what_a_dead_worker_held_is_done_by_the_next_after_the_lease(job: Job) -> None:
    assert jobs.claim_jobs() == [job]  # and the worker is gone
    tasks.run_waiting_jobs()
    job.refresh_from_db()
    assert job.status == "STARTED"
    lease_ends()
    tasks.run_waiting_jobs()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("SUCCESS", 2)
    assert job.finished_at is not None


def test_a_job_that_kills_every_worker_is_given_up(job: Job, connected: Bot, control: Control) -> None:
    for _ in range(binding_task.MOST_ATTEMPTS):
        jobs.claim_jobs()
        lease_ends()
    tasks.run_waiting_jobs()
    job.refresh_from_db()
    assert (job.status, asked(control, connected)) == ("FAILURE", 0)
    assert Binding.objects.get().status == "new"


def test_a_job_that_crashes_holds_up_no_other(job: Job, owner: User) -> None:
    Bot.objects.update(token_encrypted="not a secret of ours")
    later = channels.request_binding(account_id=owner.account_id, channel="t.me/+AAAAAEabcdefghij", by=OWNER)
    with pytest.raises(InvalidToken):
        tasks.run_waiting_jobs()
    tasks.run_waiting_jobs()
    later.refresh_from_db()
    assert later.status == "SUCCESS"


def test_a_late_twin_changes_nothing(job: Job) -> None:
    [held] = jobs.claim_jobs()
    jobs.finish_job(job=held, result={"first": True})
    jobs.finish_job(job=held, result={"first": False}, failed=True)
    jobs.postpone_job(job=held, seconds=1)
    job.refresh_from_db()
    assert (job.status, job.result) == ("SUCCESS", {"first": True})
    assert jobs.claim_jobs() == []


def test_a_job_of_another_worker_waits_its_time(job: Job) -> None:
    [held] = jobs.claim_jobs()
    jobs.postpone_job(job=held, seconds=60)
    assert jobs.claim_jobs() == []


@pytest.mark.parametrize("path", ["/tasks/{}", "/tasks/{}/"])
def test_its_owner_reads_it(client: APIClient, job: Job, path: str) -> None:
    tasks.run_waiting_jobs()
    answer = client.get(path.format(job.pk)).json()
    assert answer.keys() == {"task_id", "task_status", "task_result"}
    assert (answer["task_id"], answer["task_status"]) == (str(job.pk), "SUCCESS")


def test_a_stranger_gets_404_and_staff_see_it(job: Job, stranger: User, staff: User) -> None:
    assert client_of(stranger).get(f"/tasks/{job.pk}").status_code == 404
    assert client_of(staff).get(f"/tasks/{job.pk}").status_code == 200
    assert client_of(None).get(f"/tasks/{job.pk}").status_code == 401


@pytest.mark.parametrize(
    "wrong", ["3f0c1f9e-6f0e-4c43-9d0b-0f8a3c0b7f11", "1", "abc", "-" * 36, "0" * 36, "%00"]
)
def test_an_unknown_one_is_404(client: APIClient, job: Job, wrong: str) -> None:
    answer = client.get(f"/tasks/{wrong}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
