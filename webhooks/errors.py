"""The refusals of the webhooks app."""

from config.errors import DomainError
from config.language import Text


class UnfitAddress(DomainError):
    code = "VALIDATION_ERROR"
    status = 400
    message = Text(en="url: {reason}", ru="url: {reason}")

    def __init__(self, reason: Text) -> None:
        super().__init__(errors={"url": [reason]}, reason=reason)


class TooManyEndpoints(DomainError):
    code = "TOO_MANY_ENDPOINTS"
    message = Text(
        en="{most} endpoints is the most an account may have. Delete one first, or let one take more events.",
        ru="У аккаунта может быть не больше {most} адресов. Сначала удалите один или подпишите его на большее.",
    )


class EndpointOff(DomainError):
    code = "ENDPOINT_OFF"
    message = Text(
        en="This endpoint is switched off, so nothing is sent to it. Switch it on first.",
        ru="Этот адрес выключен, поэтому на него ничего не отправляется. Сначала включите его.",
    )


class StillUnderWay(DomainError):
    code = "STILL_UNDER_WAY"
    message = Text(
        en="This delivery is not over yet: its next attempt is at {due_at}. Wait for it.",
        ru="Эта доставка ещё не закончена: следующая попытка в {due_at}. Дождитесь её.",
    )
