"""`manage.py postman`: writes the Postman collection anew; run it after changing the HTTP contract."""

from typing import Any

from django.core.management.base import BaseCommand

from config.environment import BASE_DIR
from config.postman import NAME, rendered


class Command(BaseCommand):
    help = "Writes the Postman collection from the Swagger document."

    def handle(self, *_args: Any, **_options: Any) -> None:
        (BASE_DIR / NAME).write_text(rendered(), encoding="utf8")
        self.stdout.write(f"written: {NAME}")
