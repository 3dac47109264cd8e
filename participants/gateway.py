"""What the participants app asks the world: Telegram who is subscribed, drand's relays for a round."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from bots.gateway import Membership, membership
from bots.telegram import Telegram
from participants.steps import ChannelToJoin

RELAY_SECONDS = 10
RELAY_BYTES = 10_000


async def missing_channels(
    telegram: Telegram, token: str, *, person_id: int, channels: Iterable[ChannelToJoin]
) -> tuple[ChannelToJoin, ...] | None:
    """The channels the person has yet to join; empty when subscribed to all, None when Telegram does not tell.

    `person_id` is Telegram's. A clear "no" from one channel counts even when another one is silent.
    """
    wanted = tuple(channels)
    answers = await asyncio.gather(
        *(membership(telegram, token, channel.telegram_id, person_id) for channel in wanted)
    )
    missing = tuple(channel for channel, said in zip(wanted, answers, strict=True) if said is Membership.NO)
    return None if not missing and Membership.UNKNOWN in answers else missing


@dataclass(frozen=True)
class Heard:
    """What the relays gave: the round's signature, or why there is none."""

    signature: bytes | None = None
    trouble: str = ""


async def ask_relays(urls: Iterable[str], *, chain_hash: str, beacon_round: int) -> Heard:
    """The promised round, from every relay at once. Relays that contradict each other give nothing.

    One that keeps silent stops nobody, because the caller checks the signature and there is only one genuine.
    """
    timeout = aiohttp.ClientTimeout(total=RELAY_SECONDS)
    paths = [f"{url}/{chain_hash}/public/{beacon_round}" for url in urls]
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        answers = await asyncio.gather(*(_ask_relay(session, path, beacon_round) for path in paths))
    signatures = {answer.signature for answer in answers if answer.signature}
    if len(signatures) == 1:
        return Heard(signatures.pop())
    if signatures:
        return Heard(trouble=f"the relays contradict each other about round {beacon_round}")
    return Heard(trouble="; ".join(answer.trouble for answer in answers))


async def _ask_relay(session: aiohttp.ClientSession, path: str, beacon_round: int) -> Heard:
    """One relay's answer; whatever is not `{round, signature}` in little space is no answer."""
    host = urlsplit(path).netloc
    try:
        async with session.get(path, allow_redirects=False) as response:
            body = await response.content.read(RELAY_BYTES)
            if response.status != HTTPStatus.OK:
                return Heard(trouble=f"{host} answered {response.status}")
        told = json.loads(body)
        if told["round"] != beacon_round:
            return Heard(trouble=f"{host} gave another round")
        return Heard(bytes.fromhex(told["signature"]))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Heard(trouble=f"{host} is not reached ({type(error).__name__})")
    except (ValueError, KeyError, TypeError):
        return Heard(trouble=f"{host} gave no proper answer")
