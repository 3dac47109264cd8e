"""Which addresses Telegram takes for a link behind a text. Pure."""

import re

MOST_PORT = 65535
# A site needs a dot in its name; without a scheme Telegram reads it as http. Names of people before the
# host are left out: a link to "bank.com@elsewhere.net" only ever deceives.
SITE = re.compile(
    r"(?:https?://)?[^\W_](?:[\w-]*\.)+[\w-]*[^\W_](?::(?P<port>[0-9]{1,5}))?(?:[/?#][^\s\x00-\x20\x7f]*)?",
    re.IGNORECASE,
)
APP = re.compile(
    r"(?:(?:tg|ton)://|tonsite://(?:[a-z0-9-]+\.)+)[a-z0-9-]+(?:[/?#][^\s\x00-\x20\x7f]*)?", re.IGNORECASE
)
# Telegram has no links of these kinds, but finds them in a text by itself.
SPOKEN = re.compile(r"(?:mailto|tel):([^?]+)(?:\?.*)?", re.IGNORECASE)


def link_address(url: str) -> str | None:
    """The address as Telegram takes it, or None."""
    url = url.strip().replace(" ", "%20")
    if APP.fullmatch(url):
        return url
    site = SITE.fullmatch(url)
    if site and 0 < int(site["port"] or 1) <= MOST_PORT:
        return url
    return None


def spoken_address(url: str) -> str | None:
    """A mail address or a phone number, to be shown in the text itself."""
    found = SPOKEN.fullmatch(url.strip())
    return found[1] if found else None
