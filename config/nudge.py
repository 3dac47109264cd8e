"""Waking a worker at once instead of at its next tick; losing the nudge costs a second, not a job."""

from typing import Any

from celery import Task
from django.db import transaction


def nudge(task: "Task[Any, Any]") -> None:
    """Runs the task soon after the transaction commits; a broker that is away is logged and forgotten."""
    transaction.on_commit(task.delay, robust=True)
