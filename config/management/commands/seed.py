"""`manage.py seed`: people with money, and offers, to try the platform with."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from accounts import services
from accounts.audit import SYSTEM
from accounts.models import User
from offers.models import Offer
from offers.services import sell

BALANCES = ("50.00", "162.50", "275.00", "387.50", "500.00")
# name, kind, price, description; the cheapest and the dearest are the ends of what is sold
SAMPLES = (
    ("Internet 100", "internet", "29.99", "100 Mbit/s at home, without a limit."),
    ("TV Start", "tv", "34.99", "60 channels on one screen."),
    ("Music Unlimited", "music", "39.99", "Every song, on every device, also without a network."),
    ("Movies", "movies", "44.99", "A new film every evening."),
    ("Sports", "sports", "49.99", "Football, tennis and the winter games, live."),
    ("Internet 500", "internet", "59.99", "500 Mbit/s at home, without a limit."),
    ("TV Family", "tv", "69.99", "200 channels on four screens."),
    ("Internet and TV", "bundle", "89.99", "Internet 500 and TV Start in one."),
    ("Sports and Movies", "bundle", "109.99", "Sports, Movies and TV Family in one."),
    ("Everything", "bundle", "129.99", "Internet 500, TV Family, Sports, Movies and Music."),
)


class Command(BaseCommand):
    help = (
        "Creates users with balances, and offers, to try the platform with; running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=5, help="user1..userN, password password123")
        parser.add_argument("--offers", type=int, default=10, help="of 30 days, 29.99 to 129.99")
        parser.add_argument("--force", action="store_true", help="outside the sandbox as well")

    def handle(self, *_args: Any, users: int, offers: int, force: bool, **_options: Any) -> None:
        if not settings.SANDBOX and not force:
            raise CommandError(
                "These users have passwords everybody knows. Outside the sandbox say --force if you mean it."
            )
        if users < 0 or offers < 0:
            raise CommandError("--users and --offers are 0 or more.")
        people = [ensure_person(*one) for one in everybody(users)]
        sold = [ensure_offer(number) for number in range(offers)]
        self.stdout.write(f"{sum(people)} users created, {len(people) - sum(people)} were there.")
        self.stdout.write(f"{sum(sold)} offers created, {len(sold) - sum(sold)} were there.")
        self.stdout.write("Log in as demo / demo-password-1; the admin is admin / admin-password-1.")


def everybody(users: int) -> list[tuple[str, str, bool, str]]:
    """(name, password, whether staff, balance) of everybody to create."""
    known = [("demo", "demo-password-1", False, "500.00"), ("admin", "admin-password-1", True, "0")]
    numbered = range(1, users + 1)
    return known + [
        (f"user{number}", "password123", False, BALANCES[number % len(BALANCES)]) for number in numbered
    ]


def ensure_person(name: str, password: str, staff: bool, money: str) -> bool:
    """Whether somebody new was created; money is given once, also to who was there before."""
    new = services.ensure_user(username=name, password=password, staff=staff)
    user = User.objects.get_by_natural_key(name)
    if Decimal(money):
        services.top_up(
            account_id=user.account_id, amount=Decimal(money), reason="To try the offers", key=f"seed:{name}", by=SYSTEM
        )  # fmt: skip
    return new


def ensure_offer(number: int) -> bool:
    """Whether a new one was created; one that was renamed since is still the same."""
    name, kind, price, description = SAMPLES[number % len(SAMPLES)]
    if series := number // len(SAMPLES):
        name = f"{name}, series {series + 1}"
    code = f"sample-{number + 1}"
    if Offer.objects.filter(Q(partner_code=code) | Q(name=name)).exists():
        return False
    sell.create(
        by=SYSTEM, name=name, kind=kind, price=Decimal(price), description=description, partner_code=code
    )
    return True
