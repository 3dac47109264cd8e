"""manage.py rotatekeys: every secret at rest is written anew under the newest of ENCRYPTION_KEYS."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from bots import crypto

SUFFIX = "_encrypted"
BATCH = 500


class Command(BaseCommand):
    help = (
        "Run it after putting a new key in front of ENCRYPTION_KEYS; the old key can be removed afterwards."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if field.name.endswith(SUFFIX):
                    count = rotate(model, field.name)
                    self.stdout.write(f"{model._meta.label}.{field.name}: {count} rotated")


def rotate(model: type[models.Model], field: str) -> int:
    """Rewrites one column in batches, each row under lock, so that a change in between is not undone."""
    filled = model._default_manager.exclude(**{field: ""})
    done, last = 0, 0
    while True:
        with transaction.atomic():
            rows = list(
                filled.filter(pk__gt=last).select_for_update().order_by("pk").only("pk", field)[:BATCH]
            )
            for row in rows:
                setattr(row, field, crypto.rotate(getattr(row, field)))
            model._default_manager.bulk_update(rows, [field])
        if not rows:
            return done
        done, last = done + len(rows), rows[-1].pk
