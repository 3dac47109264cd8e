"""Rules about who may act: registering, logging in and out, changing one's profile; and staff's hand in balances."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import update_last_login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from rest_framework_simplejwt.tokens import AccessToken

from accounts import audit, ledger, sessions
from accounts.audit import Actor
from accounts.errors import EmailTaken, MovementRepeated, UnfitUsername, UsernameTaken, WeakPassword
from accounts.models import Account, LedgerEntry, User

USERNAME_LEAST, USERNAME_MOST = 3, 150
USER_FIELDS = {"first_name", "last_name", "email", "phone"}
ACCOUNT_FIELDS = {"account_name": "name", "account_language": "language", "account_time_zone": "time_zone"}


def actor(user: User, address: str | None) -> Actor:
    """The user as the trail knows them."""
    return Actor(label=user.username, user_id=user.pk, address=address)


@transaction.atomic
def register(*, username: str, password: str, email: str = "", address: str | None = None) -> User:
    """Anybody may open an account with a name nobody has in any case, and a password worth the name."""
    name = User.normalize_username(username)
    user = User(username=name, email=User.objects.normalize_email(email))
    refuse_unfit(user, password)
    try:
        with transaction.atomic():
            user = User.objects.create_user(name, email, password)
    except IntegrityError as error:
        raise taken(error) from error
    audit.record(actor(user, address), "register", user, account_id=user.account_id)
    if settings.WELCOME_BALANCE:
        welcome(user.account_id)
    return user


def welcome(account_id: int) -> None:
    """Something to try the offers with, once an account."""
    ledger.top_up(
        account_id=account_id,
        amount=settings.WELCOME_BALANCE,
        reason_key=f"welcome:{account_id}",
        by=audit.SYSTEM,
        note="Welcome",
    )


@transaction.atomic
def top_up(*, account_id: int, amount: Decimal, reason: str, key: str, by: Actor) -> LedgerEntry:
    """Staff put money on an account and say why; the same key does it once, however often it is sent."""
    return _by_hand("top_up", account_id, amount, reason, key, by)


@transaction.atomic
def adjust(*, account_id: int, amount: Decimal, reason: str, key: str, by: Actor) -> LedgerEntry:
    """Staff correct a balance either way, never below zero; the same key does it once."""
    return _by_hand("adjust", account_id, amount, reason, key, by)


def _by_hand(verb: str, account_id: int, amount: Decimal, reason: str, key: str, by: Actor) -> LedgerEntry:
    """Lock, refuse a key that meant something else, move, record."""
    account = Account.objects.select_for_update().get(pk=account_id)
    reason_key = f"{verb}:{key}"
    if earlier := LedgerEntry.objects.filter(reason_key=reason_key).first():
        if (earlier.account_id, earlier.amount) != (account_id, amount):
            raise MovementRepeated(amount=earlier.amount)
        return earlier
    move = {"top_up": ledger.top_up, "adjust": ledger.adjust}[verb]
    entry = move(account_id=account_id, amount=amount, reason_key=reason_key, by=by, note=reason[:200])
    audit.record(
        by, verb, account, account_id=account_id,
        before={"balance": str(account.balance)},
        after={"balance": str(entry.balance_after), "amount": str(amount), "reason": reason},
    )  # fmt: skip
    return entry


@transaction.atomic
def ensure_user(*, username: str, password: str, staff: bool = False) -> bool:
    """A user to try the platform with, whose password may be weak; True when there was none of this name."""
    try:
        User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        email = f"{username}@example.com"
        user = User.objects.create_user(username, email, password, is_staff=staff, is_superuser=staff)
        audit.record(audit.SYSTEM, "seed", user, account_id=user.account_id)
        return True
    return False


@transaction.atomic
def log_in(*, user: User, by: Actor) -> sessions.Tokens:
    """Whoever has proven who they are gets a session of their own, and the login is recorded."""
    update_last_login(User, user)
    audit.record(by, "log_in", user, account_id=user.account_id)
    return sessions.open_session(user)


@transaction.atomic
def log_out(*, user: User, token: AccessToken, refresh: str | None, by: Actor) -> None:
    """Logging out ends the session: its access tokens as well as its refresh tokens."""
    audit.record(by, "log_out", user, account_id=user.account_id)
    sessions.end(token, refresh)


@transaction.atomic
def update_profile(*, user_id: int, changes: dict[str, Any], by: Actor) -> User:
    """People change their own names, address and phone, and the name and language of the account they act for."""
    user = User.objects.select_for_update(of=("self", "account")).select_related("account").get(pk=user_id)
    before = {name: profile_value(user, name) for name in changes}
    if "email" in changes:
        changes = {**changes, "email": User.objects.normalize_email(changes["email"])}
    for name in USER_FIELDS & changes.keys():
        setattr(user, name, changes[name])
    for name in ACCOUNT_FIELDS.keys() & changes.keys():
        setattr(user.account, ACCOUNT_FIELDS[name], changes[name])
    try:
        with transaction.atomic():
            save_changed(user, changes)
    except IntegrityError as error:
        raise taken(error) from error
    audit.record(by, "update_profile", user, account_id=user.account_id, before=before, after=changes)
    return user


def save_changed(user: User, changes: dict[str, Any]) -> None:
    """Writes only the columns that were named."""
    if of_user := USER_FIELDS & changes.keys():
        user.save(update_fields=of_user)
    if of_account := {ACCOUNT_FIELDS[name] for name in ACCOUNT_FIELDS.keys() & changes.keys()}:
        user.account.save(update_fields=of_account)


def profile_value(user: User, name: str) -> Any:
    return getattr(user.account, ACCOUNT_FIELDS[name]) if name in ACCOUNT_FIELDS else getattr(user, name)


def refuse_unfit(user: User, password: str) -> None:
    """Raises UnfitUsername or WeakPassword, with every reason."""
    try:
        User.username_validator(user.username)
    except ValidationError as error:
        raise UnfitUsername from error
    if not USERNAME_LEAST <= len(user.username) <= USERNAME_MOST:
        raise UnfitUsername
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(error.messages) from error


def taken(error: IntegrityError) -> UsernameTaken | EmailTaken:
    """Which of the two unique names the database refused."""
    return EmailTaken() if "email" in str(error).partition("DETAIL")[0] else UsernameTaken()
