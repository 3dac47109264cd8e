"""Answers to queries: a pressed button waits for exactly one."""

from sandbox.telegram.errors import QUERY_TOO_OLD, bad_request
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.models import JSON

ANSWERABLE_SECONDS = 150
ANSWER_LENGTH = 200


@method("answerCallbackQuery")
def answer_callback_query(call: Call) -> bool:
    query = call.world.queries.get(call.params.integer("callback_query_id"))
    if query is None or query.bot_id != call.bot.id or query.kind != "callback":
        raise bad_request(QUERY_TOO_OLD)
    text = call.params.text("text")
    if len(text) > ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    call.world.drop_query(query)
    if call.world.clock.now() - query.created_at > ANSWERABLE_SECONDS:
        raise bad_request(QUERY_TOO_OLD)
    answer: JSON = {
        "text": text,
        "show_alert": call.params.flag("show_alert"),
        "url": call.params.text("url"),
    }
    call.telegram.answered(query.id, answer)
    call.world.tell("answer", person_id=query.person_id, callback_query_id=str(query.id), **answer)
    return True


@method("answerInlineQuery")
def answer_inline_query(_: Call) -> bool:
    """Inline queries are never asked here, so every answer comes too late."""
    raise bad_request(QUERY_TOO_OLD)
