"""What may change when: one table, read by the API, the admin, the docs and the rules. Pure.

Before publication everything is free. Afterwards a field is free (nobody was told of it), recorded (people were told,
so each change is a numbered public record) or promised (people entered for it, so it stands).
"""

from collections.abc import Iterable
from enum import StrEnum

from config.language import Text
from giveaways.errors import CannotUpdate, CannotUpdateFinishMessages
from giveaways.models import EDITABLE, Status
from giveaways.texts import STATES


class Verdict(StrEnum):
    FREE = "free"
    RECORDED = "recorded"
    REFUSED = "refused"


FINISH_MESSAGES = ("public_conclusion_message", "winner_message", "loser_message")
BOUND = Text(
    en="The draw is bound to it by the record whose hash stands in the post.",
    ru="Розыгрыш связан с этим записью, хеш которой стоит в посте.",
)
# Field by field: what holds while the giveaway runs, and why.
WHILE_RUNNING: dict[str, tuple[Verdict, Text]] = {
    "title": (
        Verdict.REFUSED,
        Text(en="It names what people entered for.", ru="Оно называет то, ради чего люди вошли."),
    ),
    "main_body": (
        Verdict.REFUSED,
        Text(
            en="It says what can be won, and its hash stands in the post.",
            ru="Здесь сказано, что можно выиграть, и хеш этого стоит в посте.",
        ),
    ),
    "winner_count": (Verdict.REFUSED, BOUND),
    "beacon": (Verdict.REFUSED, BOUND),
    "claim_hours": (
        Verdict.REFUSED,
        Text(
            en="Whoever entered knew how long a winner has.",
            ru="Участники знали, сколько времени есть у победителя.",
        ),
    ),
    "channel_id": (
        Verdict.REFUSED,
        Text(en="The post stands in this channel.", ru="Пост стоит в этом канале."),
    ),
    "required_channels": (
        Verdict.REFUSED,
        Text(
            en="Whoever is in has joined these; nobody shall lose a place by others.",
            ru="Участники подписаны на эти каналы; из-за других никто не должен терять место.",
        ),
    ),
    "media": (
        Verdict.REFUSED,
        Text(en="The picture is part of what was promised.", ru="Картинка — часть обещанного."),
    ),
    "starts_at": (Verdict.REFUSED, Text(en="It has started.", ru="Розыгрыш уже начался.")),
    "participation_button_text": (
        Verdict.RECORDED,
        Text(en="The button leads where it led.", ru="Кнопка ведёт туда же."),
    ),
    "show_participants": (
        Verdict.RECORDED,
        Text(en="Everybody sees whether the number is shown.", ru="Показано ли число, видят все."),
    ),
    "ends_at": (
        Verdict.RECORDED,
        Text(
            en="It may move, with notice and within bounds; it cannot be taken away.",
            ru="Его можно перенести, заранее и в пределах; убрать нельзя.",
        ),
    ),
    "max_participants": (Verdict.RECORDED, Text(en="It may be raised.", ru="Его можно увеличить.")),
    "results_channel_id": (
        Verdict.FREE,
        Text(en="People are told with the results.", ru="Люди узнают об этом вместе с результатами."),
    ),
    **dict.fromkeys(
        FINISH_MESSAGES,
        (Verdict.FREE, Text(en="Nobody reads them before the end.", ru="До конца их никто не читает.")),
    ),
}
ON_ITS_WAY = Text(
    en="The post is on its way to the channel. Ask again in a moment.",
    ru="Пост отправляется в канал. Попробуйте ещё раз через минуту.",
)
OVER = {
    Status.FINISHING: Text(en="The list is closed; the draw goes on.", ru="Список закрыт, идёт розыгрыш."),
    Status.FINISHED: Text(en="The giveaway is over.", ru="Розыгрыш завершён."),
    Status.CANCELLED: Text(en="The giveaway was cancelled.", ru="Розыгрыш отменён."),
}


def rule(field: str, status: str) -> tuple[Verdict, Text]:
    """What holds for this field in this state, and why, as a sentence."""
    if status in EDITABLE:
        return Verdict.FREE, Text(en="Nothing is promised yet.", ru="Ещё ничего не обещано.")
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
        raise CannotUpdateFinishMessages(status=STATES[status], errors=refused)
    raise CannotUpdate(status=STATES[status], fields=", ".join(refused), errors=refused)


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
        f"| `{field}` | "
        + " | ".join(rule(field, status)[0] for status in states.values())
        + f" | {why.en} |"
        for field, (_, why) in WHILE_RUNNING.items()
    ]
    return "\n".join(head + rows)
