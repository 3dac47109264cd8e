"""The only place that knows every app: settings, tables of contents and the leaves all apps may import."""

from config.celery import app as celery_app

# Loaded with the project so that a task declared with `shared_task` goes to our broker from every process.
__all__ = ["celery_app"]
