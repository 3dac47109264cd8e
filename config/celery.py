"""The Celery application: where tasks are found and what every worker does around them."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun
from django.db import close_old_connections
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("telegive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """A receiver of this signal is what makes Celery leave the logging of settings.py alone."""


@task_prerun.connect
@task_postrun.connect
def keep_sound_connections(task: Any, **_: Any) -> None:
    """Each thread keeps its connection from task to task and drops it once it is broken.

    Celery's own habit is a new connection for every task: several a second, for nothing
    (switched off by settings.CELERY_DB_REUSE_MAX).
    """
    if not task.request.is_eager:
        close_old_connections()
