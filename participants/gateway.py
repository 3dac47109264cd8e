"""What the participants app asks of Telegram: whether a person is subscribed to every channel that counts."""

import asyncio
from collections.abc import Iterable

from bots.gateway import Membership, membership
from bots.telegram import Telegram
from participants.steps import ChannelToJoin


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
