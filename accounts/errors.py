"""What accounts refuse."""

from config.errors import DomainError


class InvalidCredentials(DomainError):
    """One answer for every wrong login: which part was wrong is nobody's business."""

    code = "INVALID_CREDENTIALS"
    status = 401
    message = "The username or the password is wrong."


class TooManyLogins(DomainError):
    code = "RATE_LIMIT_EXCEEDED"
    status = 429
    message = "Too many failed logins. Try again later."


class SessionEnded(DomainError):
    code = "TOKEN_INVALID"
    status = 401
    message = "The token is invalid, expired, or its session has ended. Log in again."


class UsernameTaken(DomainError):
    code = "USERNAME_TAKEN"
    message = "This username is taken."

    def __init__(self) -> None:
        super().__init__(errors={"username": [self.message]})


class EmailTaken(DomainError):
    code = "EMAIL_TAKEN"
    message = "Another user has this e-mail address."

    def __init__(self) -> None:
        super().__init__(errors={"email": [self.message]})


class UnfitUsername(DomainError):
    code = "VALIDATION_ERROR"
    status = 400
    message = "username: 3 to 150 letters, digits and @ . + - _ only."

    def __init__(self) -> None:
        super().__init__(errors={"username": [self.message.removeprefix("username: ")]})


class WeakPassword(DomainError):
    code = "VALIDATION_ERROR"
    status = 400
    message = "password: {reason}"

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(errors={"password": reasons}, reason=reasons[0])


class NotEnoughMoney(DomainError):
    code = "NOT_ENOUGH_MONEY"
    message = "The balance is {balance}, and this costs {amount}. Top up first."


class UnfitAmount(DomainError):
    code = "VALIDATION_ERROR"
    status = 400
    message = "amount: write a sum other than zero with at most two decimal places, such as 12.50."

    def __init__(self) -> None:
        super().__init__(errors={"amount": [self.message.removeprefix("amount: ").capitalize()]})
