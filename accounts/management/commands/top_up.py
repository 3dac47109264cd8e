"""`manage.py top_up USERNAME AMOUNT --reason WHY`: money for the account somebody acts for."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.audit import Actor
from accounts.models import User
from config.errors import DomainError


class Command(BaseCommand):
    help = "Puts money on an account. With --key the same command run twice does it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="of any user who acts for the account")
        parser.add_argument("amount", help="such as 25.00")
        parser.add_argument("--reason", required=True, help="shown to the account's people")
        parser.add_argument("--key", default="", help="names this top-up: an invoice's number, for example")

    def handle(self, *_args: Any, username: str, amount: str, reason: str, key: str, **_options: Any) -> None:
        if not reason.strip():
            raise CommandError("--reason: say why.")
        try:
            user = User.objects.get_by_natural_key(username)
            entry = services.top_up(
                account_id=user.account_id,
                amount=Decimal(amount),
                reason=reason,
                key=key or uuid4().hex,
                by=Actor(label="manage.py top_up"),
            )
        except User.DoesNotExist as error:
            raise CommandError(f"There is no user {username}.") from error
        except InvalidOperation as error:
            raise CommandError(f"{amount} is no amount: write it like 25.00.") from error
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{user} has {entry.balance_after} {settings.CURRENCY} now.")
