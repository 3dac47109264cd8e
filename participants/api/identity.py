"""Who acts for themself: a person whom Telegram vouches for, by the initData of a Mini App.

Telegram signs initData with the token of the bot that opened the page (core.telegram.org/bots/webapps), so it is
proven twice: its shape and age where the request comes in, its signature once the giveaway names the bot.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from aiogram.utils.web_app import WebAppInitData, check_webapp_signature, parse_webapp_init_data
from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.api.authentication import credentials
from bots.models import Bot
from bots.services.bots import token_of
from config.language import speak
from participants.errors import InitDataExpired, NotVouchedFor
from participants.services.people import Visitor

SKEW = timedelta(minutes=1)  # clocks differ
LONGEST = 4096  # of initData, in bytes


@dataclass(frozen=True)
class Claim:
    """Who the caller says they are: nothing may be done for them before `visitor_of` has proven it."""

    init_data: str
    said: WebAppInitData
    is_authenticated = True


class InitDataAuthentication(BaseAuthentication):
    """`Authorization: tma <initData>`."""

    def authenticate(self, request: Request) -> tuple[Claim, None] | None:
        init_data = credentials(request, "tma")
        if init_data is None:
            return None
        return read(init_data), None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "tma"


def read(init_data: str) -> Claim:
    """What the data says; refused when it cannot be read or is older than settings.INIT_DATA_SECONDS."""
    try:
        said = parse_webapp_init_data(init_data[:LONGEST])
    except (ValueError, TypeError) as error:
        raise NotVouchedFor from error
    if said.user is None or said.user.is_bot or said.user.id <= 0:
        raise NotVouchedFor
    speak(said.user.language_code)
    age = timezone.now() - said.auth_date
    if not -SKEW <= age <= timedelta(seconds=settings.INIT_DATA_SECONDS):
        raise InitDataExpired
    return Claim(init_data[:LONGEST], said)


def visitor_of(request: Request, bot: Bot) -> Visitor:
    """The caller, proven by the signature of this bot's token; raises NotVouchedFor."""
    claim = cast(Claim, request.user)
    user = claim.said.user
    if user is None or not check_webapp_signature(token_of(bot), claim.init_data):
        raise NotVouchedFor
    return Visitor(
        user.id,
        user.first_name,
        user.username or "",
        user.language_code or "",
        writable=bool(user.allows_write_to_pm),
    )
