"""Numbers for Prometheus that no library counts for us: tasks and refusals."""

import time
from typing import Any

from celery.signals import task_postrun, task_prerun
from prometheus_client import Counter, Histogram

TASKS = Counter("telegive_tasks", "Celery tasks finished", ["task", "state"])
TASK_SECONDS = Histogram("telegive_task_seconds", "How long Celery tasks took", ["task"])
REFUSALS = Counter("telegive_refusals", "Requests refused by a rule", ["code"])


@task_prerun.connect
def start_watch(task: Any, **_: Any) -> None:
    task.request.started_at = time.monotonic()


@task_postrun.connect
def count_task(task: Any, state: str | None = None, **_: Any) -> None:
    TASKS.labels(task.name, state or "UNKNOWN").inc()
    started_at = getattr(task.request, "started_at", None)
    if started_at is not None:
        TASK_SECONDS.labels(task.name).observe(time.monotonic() - started_at)
