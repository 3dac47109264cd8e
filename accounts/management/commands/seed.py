"""`manage.py seed`: people to try the platform with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services


class Command(BaseCommand):
    help = "Creates users to try the platform with; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=5, help="user1..userN, password password123")
        parser.add_argument("--offers", type=int, default=10, help="offers are not part of this version")
        parser.add_argument("--force", action="store_true", help="outside the sandbox as well")

    def handle(self, *_args: Any, users: int, offers: int, force: bool, **_options: Any) -> None:
        if not settings.SANDBOX and not force:
            raise CommandError(
                "These users have passwords everybody knows. Outside the sandbox say --force if you mean it."
            )
        if users < 0 or offers < 0:
            raise CommandError("--users and --offers are 0 or more.")
        made = [
            services.ensure_user(username=name, password=password, staff=staff)
            for name, password, staff in people(users)
        ]
        self.stdout.write(f"{sum(made)} users created, {len(made) - sum(made)} were there.")
        self.stdout.write("Log in as demo / demo-password-1; the admin is admin / admin-password-1.")
        if offers:
            self.stdout.write("Offers are not part of this version: none were created.")


def people(users: int) -> list[tuple[str, str, bool]]:
    """(name, password, whether staff) of everybody to create."""
    known = [("demo", "demo-password-1", False), ("admin", "admin-password-1", True)]
    return known + [(f"user{number}", "password123", False) for number in range(1, users + 1)]
