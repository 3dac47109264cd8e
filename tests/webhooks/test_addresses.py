"""Nothing is sent into anybody's own network, whatever the address looks like."""

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from tests.webhooks.conftest import OWNER
from webhooks import gateway, links, services
from webhooks.errors import UnfitAddress
from webhooks.models import Delivery, Endpoint, Event
from webhooks.tasks import send_waiting

PRIVATE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "224.0.0.1",
    "255.255.255.255", "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1%eth0", "ff02::1", "::ffff:10.0.0.1",
    "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_a_network_is_not_public(address: str) -> None:
    assert not links.is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert links.is_public(address)


@given(st.ip_addresses(v=4))
def test_a_private_address_in_disguise_stays_private(address: IPv4Address) -> None:
    mapped = f"::ffff:{address}"
    assert links.is_public(mapped) == links.is_public(str(address))
    if not address.is_global:
        assert not links.is_public(str(address))
    assert not links.is_public(str(IPv6Address(int(ip_network("64:ff9b::/96")[0]) + int(address))))


@given(st.text(max_size=60))
def test_no_text_breaks_the_check(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        assert links.fault_of(url, anywhere=False) is None or links.fault_of(url, anywhere=False).en


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x", "ftp://example.com", "example.com", "https://", "https://user:pw@example.com",
        "https://example.com/#x", "https://localhost/x", "https://intranet/x", "https://127.0.0.1/x", "https://[::1]/",
        "https://2130706433/", "https://0x7f.1/", "https://example.com:99999/", "https://exa mple.com/", "https://",
        "https://example.com/" + "x" * 500, "https://пример.рф/",
    ],
)  # fmt: skip
def test_outside_the_sandbox_such_an_address_is_refused(owner: User, settings: Any, url: str) -> None:
    settings.SANDBOX = False
    with pytest.raises(UnfitAddress):
        services.add(account_id=owner.account_id, by=OWNER, url=url)


@pytest.mark.parametrize(
    "url", ["https://example.com/x?y=1", "https://example.com:8443/", "https://93.184.215.14/"]
)
def test_an_ordinary_one_is_taken(owner: User, settings: Any, url: str) -> None:
    settings.SANDBOX = False
    assert services.add(account_id=owner.account_id, by=OWNER, url=url).url == url


def test_a_name_that_leads_inside_is_not_called(
    owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with rebinding: the name was fine when it was added, and leads elsewhere when it is called."""
    settings.SANDBOX = False
    services.add(account_id=owner.account_id, by=OWNER, url="https://hooks.example.com/x")

    async def inside(*_: Any) -> list[dict[str, Any]]:
        return [
            {
                "hostname": "hooks.example.com",
                "host": "169.254.169.254",
                "port": 443,
                "family": 2,
                "proto": 0,
                "flags": 0,
            }
        ]

    monkeypatch.setattr(gateway.ThreadedResolver, "resolve", inside)
    services.emit(account_id=owner.account_id, event=Event.RIGHTS_LOST, once="binding:1")
    send_waiting()
    assert Delivery.objects.get().error == gateway.REFUSED


def test_a_literal_address_that_got_in_is_not_called(owner: User, settings: Any) -> None:
    Endpoint.objects.create(account=owner.account, url="https://127.0.0.1:9/")
    settings.SANDBOX = False
    services.emit(account_id=owner.account_id, event=Event.RIGHTS_LOST, once="binding:1")
    send_waiting()
    row = Delivery.objects.get()
    assert "not one of the internet" in row.error and row.response_status is None
