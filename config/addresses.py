"""From which address a request comes, seen through the proxies we trust."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address, or None where there is none (a unix socket without a proxy).

    Each trusted proxy appends one entry to X-Forwarded-For; whatever stands left of those entries was
    written by the client and is not believed.
    """
    candidate = str(request.META.get("REMOTE_ADDR") or "")
    proxies: int = settings.TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        candidate = hops[-min(proxies, len(hops))] if hops else candidate
    return candidate if is_address(candidate) else None


def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def neighbourhood(address: str | None) -> str:
    """What a limit counts as one client: an IPv4 address, or the /64 every IPv6 subscriber gets whole."""
    if address is None:
        return "unknown"
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed), 64), strict=False).network_address)
    return address
