"""What may change when: one table, read by the API, the admin, the docs and the rules. Pure.

Before publication everything is free. Afterwards a field is free (nobody was told of it), recorded (people were told,
so each change is a numbered public record) or promised (people entered for it, so it stands).
"""

from collections.abc import Iterable
from enum import StrEnum

from giveaways.errors import CannotUpdate, CannotUpdateFinishMessages
from giveaways.models import EDITABLE, Status


class Verdict(StrEnum):
    FREE = "free"
    RECORDED = "recorded"
    REFUSED = "refused"


FINISH_MESSAGES = ("public_conclusion_message", "winner_message", "loser_message")
# Field by field: what holds while the giveaway runs, and why.
WHILE_RUNNING: dict[str, tuple[Verdict, str]] = {
    "title": (Verdict.REFUSED, "It names what people entered for."),
    "main_body": (Verdict.REFUSED, "It says what can be won, and its hash stands in the post."),
    "winner_count": (Verdict.REFUSED, "The draw is bound to it by the record whose hash stands in the post."),
    "beacon": (Verdict.REFUSED, "The draw is bound to it by the record whose hash stands in the post."),
    "claim_hours": (Verdict.REFUSED, "Whoever entered knew how long a winner has."),
    "channel_id": (Verdict.REFUSED, "The post stands in this channel."),
    "required_channels": (
        Verdict.REFUSED,
        "Whoever is in has joined these; nobody shall lose a place by others.",
    ),
    "media": (Verdict.REFUSED, "The picture is part of what was promised."),
    "starts_at": (Verdict.REFUSED, "It has started."),
    "participation_button_text": (Verdict.RECORDED, "The button leads where it led."),
    "show_participants": (Verdict.RECORDED, "Everybody sees whether the number is shown."),
    "ends_at": (Verdict.RECORDED, "It may move, with notice and within bounds; it cannot be taken away."),
    "max_participants": (Verdict.RECORDED, "It may be raised."),
    "results_channel_id": (Verdict.FREE, "People are told with the results."),
    **dict.fromkeys(FINISH_MESSAGES, (Verdict.FREE, "Nobody reads them before the end.")),
}
ON_ITS_WAY = "The post is on its way to the channel. Ask again in a moment."
OVER = {
    Status.FINISHING: "The list is closed; the draw goes on.",
    Status.FINISHED: "The giveaway is over.",
    Status.CANCELLED: "The giveaway was cancelled.",
}


def rule(field: str, status: str) -> tuple[Verdict, str]:
    """What holds for this field in this state, and why, as a sentence."""
    if status in EDITABLE:
        return Verdict.FREE, "Nothing is promised yet."
    if status in OVER:
        return Verdict.REFUSED, OVER[Status(status)]
    verdict, why = WHILE_RUNNING[field]
    if status == Status.PUBLISHING and verdict is Verdict.RECORDED:
        return Verdict.REFUSED, ON_ITS_WAY
    return verdict, why


def may_change(status: str) -> list[str]:
    """The fields that may be changed in this state."""
    return [field for field in WHILE_RUNNING if rule(field, status)[0] is not Verdict.REFUSED]


def recorded(status: str, fields: Iterable[str]) -> list[str]:
    """Those whose change is a public record in this state."""
    return [field for field in fields if rule(field, status)[0] is Verdict.RECORDED]


def refuse(status: str, fields: Iterable[str]) -> None:
    """Refuses the whole change when one field of it is refused; each of those with its reason."""
    refused = {
        field: [rule(field, status)[1]] for field in fields if rule(field, status)[0] is Verdict.REFUSED
    }
    if not refused:
        return
    if set(refused) <= set(FINISH_MESSAGES):
        raise CannotUpdateFinishMessages(status=status, errors=refused)
    raise CannotUpdate(status=status, fields=", ".join(refused), errors=refused)


def as_markdown() -> str:
    """The table of the documents."""
    states = {
        "before": Status.DRAFT,
        "publishing": Status.PUBLISHING,
        "running": Status.ACTIVE,
        "after": Status.FINISHED,
    }
    head = ["| field | " + " | ".join(states) + " | why |", "|---|" + "---|" * (len(states) + 1)]
    rows = [
        f"| `{field}` | " + " | ".join(rule(field, status)[0] for status in states.values()) + f" | {why} |"
        for field, (_, why) in WHILE_RUNNING.items()
    ]
    return "\n".join(head + rows)
