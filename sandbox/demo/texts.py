"""What the demo's owner writes, and the platform's own words that the checks look for."""

import re

RESULTS_BUTTON = "🏆 VIEW RESULTS"
WRONG_ANSWER = "That is not right."
NOT_SUBSCRIBED = "To take part, subscribe to"
CODE = re.compile(r"Your code: ([a-z2-7]{32})\b")
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


def title(tag: str) -> str:
    return f"Lighthouse weekend {tag}"


BODY = (
    "A weekend for two in the old lighthouse: the lamp room, the sea all around, breakfast with the keeper.\n\n"
    "Press the button and answer one question."
)


def conclusion(tag: str) -> str:
    return f"The lamp is lit: thank you all for coming! ({tag})"


def winner(tag: str) -> str:
    return f"🎉 You won a weekend in the lighthouse! The keeper will write to you. ({tag})"


def loser(tag: str) -> str:
    return f"The lighthouse went to others this time. There will be another one. ({tag})"


def winner_or_loser(tag: str) -> str:
    """A pattern for either."""
    return f"{re.escape(winner(tag))}|{re.escape(loser(tag))}"
