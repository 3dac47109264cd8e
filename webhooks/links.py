"""Which addresses a webhook may be sent to: https, and nothing inside anybody's own network. Pure."""

from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from config.language import Text

LONGEST = 500
# Ways to write an IPv4 address as an IPv6 one that a gateway translates back.
TRANSLATED = tuple(ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))

NO_ADDRESS = Text(
    en="This is no address. Write it like https://example.com/telegive.",
    ru="Это не адрес. Напишите его так: https://example.com/telegive.",
)
NOT_PLAIN = Text(
    en=f"Write at most {LONGEST} characters, all of them plain; other letters percent-encoded.",
    ru=f"Не больше {LONGEST} знаков, только латиница; остальные буквы в процентной записи.",
)
TOO_MUCH = Text(
    en="Leave out names, passwords and what follows a #; the signature says who is calling.",
    ru="Уберите имя, пароль и всё после #: кто обращается, видно по подписи.",
)
NOT_HTTPS = Text(en="Only https:// addresses are called.", ru="Подходят только адреса https://.")
NOT_PUBLIC = Text(
    en="This address is not one of the internet: nothing outside could reach it.",
    ru="Это не адрес в интернете: снаружи его не достичь.",
)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet: not private, not this machine, not a cloud's own service."""
    try:
        parsed = ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in net for net in TRANSLATED):
            return False
    return parsed.is_global and not parsed.is_multicast


def fault_of(url: str, *, anywhere: bool) -> Text | None:
    """Why the platform does not send there; None when it does. `anywhere` is the sandbox."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return NO_ADDRESS
    if parts.scheme not in ("https", "http") or not host:
        return NO_ADDRESS
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return NOT_PLAIN
    if parts.username or parts.password or parts.fragment:
        return TOO_MUCH
    if anywhere:
        return None
    if parts.scheme != "https":
        return NOT_HTTPS
    return None if may_be_called(host) else NOT_PUBLIC


def may_be_called(host: str) -> bool:
    """Whether the name in an address may be looked up; what it leads to is looked at when it is called."""
    try:
        ip_address(host)
    except ValueError:
        # A dotted name that ends in letters: no "localhost", no bare names, no numbers in disguise.
        return "." in host.rstrip(".") and host.rstrip(".").rsplit(".", 1)[1].isalpha()
    return is_public(host)
