"""Who is hurt when: a deck of every victim and every way, dealt at random moments, again and again."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tests.faults.campaign.victims import Victim

Choice = Callable[[], Victim]  # who it hits is known at the blow
KILL, FREEZE = "kill", "freeze"
PAUSE_SECONDS = (0.2, 1.2)
AWAY_SECONDS = (0.1, 1.0)
FROZEN_SECONDS = (0.3, 3.5)  # beyond a lease of 2 s and an answer's 3 s
TWO_AT_ONCE = 0.2


def play(victims: Sequence[Choice], seconds: float, dice: random.Random) -> dict[str, int]:
    """Hurts one of a kind at a time, leaves everybody well; how often each was killed or frozen."""
    done: Counter[str] = Counter()
    deck: list[tuple[Choice, str]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(dice.uniform(*PAUSE_SECONDS))
        hand = [_draw(deck, victims, dice)]
        if dice.random() < TWO_AT_ONCE:
            hand += [card for card in [_draw(deck, victims, dice)] if card[0] is not hand[0][0]]
        _hurt(hand, dice)
        done.update(f"{way} {victim.name}" for victim, way in hand)
    return dict(done)


def _draw(
    deck: list[tuple[Choice, str]], victims: Sequence[Choice], dice: random.Random
) -> tuple[Victim, str]:
    """Every kind meets everything before anything comes twice."""
    if not deck:
        deck += [(choice, way) for choice in victims for way in (KILL, FREEZE)]
        dice.shuffle(deck)
    choice, way = deck.pop()
    return choice(), way


def _hurt(hand: Sequence[tuple[Victim, str]], dice: random.Random) -> None:
    ways = {way for _, way in hand}
    for victim, way in hand:
        victim.kill() if way == KILL else victim.freeze()
    time.sleep(dice.uniform(*(FROZEN_SECONDS if FREEZE in ways else AWAY_SECONDS)))
    for victim, way in hand:
        victim.revive() if way == KILL else victim.thaw()
