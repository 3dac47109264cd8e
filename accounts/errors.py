"""What accounts refuse."""

from config.errors import DomainError
from config.language import Text


class InvalidCredentials(DomainError):
    """One answer for every wrong login: which part was wrong is nobody's business."""

    code = "INVALID_CREDENTIALS"
    status = 401
    message = Text(en="The username or the password is wrong.", ru="Неверное имя пользователя или пароль.")


class TooManyLogins(DomainError):
    code = "RATE_LIMIT_EXCEEDED"
    status = 429
    message = Text(
        en="Too many failed logins. Try again later.", ru="Слишком много неудачных входов. Попробуйте позже."
    )


class SessionEnded(DomainError):
    code = "TOKEN_INVALID"
    status = 401
    message = Text(
        en="The token is invalid, expired, or its session has ended. Log in again.",
        ru="Токен недействителен, истёк, или его сессия завершена. Войдите снова.",
    )


class UsernameTaken(DomainError):
    code = "USERNAME_TAKEN"
    message = Text(en="This username is taken.", ru="Это имя пользователя занято.")

    def __init__(self) -> None:
        super().__init__(field="username")


class EmailTaken(DomainError):
    code = "EMAIL_TAKEN"
    message = Text(
        en="Another user has this e-mail address.", ru="Этот адрес почты уже указан у другого пользователя."
    )

    def __init__(self) -> None:
        super().__init__(field="email")


class UnfitUsername(DomainError):
    code = "VALIDATION_ERROR"
    status = 400
    message = Text(en="username: {why}", ru="username: {why}")
    why = Text(
        en="3 to 150 letters, digits and @ . + - _ only.", ru="От 3 до 150 букв, цифр и знаков @ . + - _."
    )

    def __init__(self) -> None:
        super().__init__(errors={"username": [self.why]}, why=self.why)


class WeakPassword(DomainError):
    """The reasons are Django's, in the language that was spoken when it looked."""

    code = "VALIDATION_ERROR"
    status = 400
    message = Text(en="password: {reason}", ru="password: {reason}")

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(errors={"password": reasons}, reason=reasons[0])


class NotEnoughMoney(DomainError):
    code = "NOT_ENOUGH_MONEY"
    message = Text(
        en="The balance is {balance}, and this costs {amount}. Top up first.",
        ru="На балансе {balance}, а это стоит {amount}. Сначала пополните баланс.",
    )


class UnfitAmount(DomainError):
    code = "VALIDATION_ERROR"
    status = 400
    message = Text(en="amount: {why}", ru="amount: {why}")
    why = Text(
        en="Write a sum other than zero with at most two decimal places, such as 12.50.",
        ru="Укажите сумму, не равную нулю, не более чем с двумя знаками после точки, например 12.50.",
    )

    def __init__(self) -> None:
        super().__init__(errors={"amount": [self.why]}, why=self.why)


class MovementRepeated(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = Text(
        en="This key has already moved {amount}. Use another one for another movement.",
        ru="С этим ключом уже проведено {amount}. Для другой операции возьмите другой ключ.",
    )
