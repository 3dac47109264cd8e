"""MTProto, which tells what the Bot API does not; optional, and there only where it was configured."""

from django.conf import settings
from django.utils.module_loading import import_string

from bots.mtproto.facts import IDS_AT_ONCE, Invited, InviteDead, MTProto, Told, Unavailable
from bots.mtproto.stand_in import StandIn
from config.checks import telethon_is_installed

__all__ = ["IDS_AT_ONCE", "InviteDead", "Invited", "MTProto", "Told", "Unavailable", "source"]


def source() -> MTProto | None:
    """Whoever speaks MTProto for this installation; None when nobody does."""
    if settings.MTPROTO_URL:
        return StandIn()
    if settings.TELEGRAM_API_ID and telethon_is_installed():
        found: MTProto = import_string(
            "bots.mtproto.by_telethon.ByTelethon"
        )()  # loaded by whom it serves only
        return found
    return None
