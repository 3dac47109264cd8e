"""For how many days personal data is kept; 0 keeps it for ever. What each name means: docs/privacy.md."""

from config import environment as environ

DEFAULTS = {
    "KEEP_MEMBERSHIPS_DAYS": 400,
    "KEEP_CAPTCHAS_DAYS": 30,
    "KEEP_UNREACHABLE_DAYS": 365,
    "KEEP_RECIPIENTS_DAYS": 365,
    "KEEP_ADDRESSES_DAYS": 180,
    "KEEP_PEOPLE_DAYS": 1095,
    "KEEP_WEBHOOK_LOG_DAYS": 30,
}
MOST_DAYS = 36_500


def days() -> dict[str, int]:
    """The settings by name."""
    return {
        name: int(environ.number(name, default, least=0, most=MOST_DAYS))
        for name, default in DEFAULTS.items()
    }
