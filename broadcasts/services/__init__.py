"""The rules of broadcasts: ordered, made once, steered by people, delivered by pumps, counted, served again."""

from broadcasts.services.again import decide, serve_again
from broadcasts.services.audience import measure
from broadcasts.services.changing import delete, edit
from broadcasts.services.control import cancel, pause, resume
from broadcasts.services.counting import Counts, counts, kinds, unreachable
from broadcasts.services.create import create
from broadcasts.services.ordering import choose_bot, order, refuse_inactive, retry_failed, send_test
from broadcasts.services.progress import progress

__all__ = [
    "Counts",
    "cancel",
    "choose_bot",
    "counts",
    "create",
    "decide",
    "delete",
    "edit",
    "kinds",
    "measure",
    "order",
    "pause",
    "progress",
    "refuse_inactive",
    "resume",
    "retry_failed",
    "send_test",
    "serve_again",
    "unreachable",
]
