"""Mail, through whatever Django's EMAIL_* settings name."""

import smtplib
from contextlib import suppress
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from offers.senders.letter import Letter
from offers.services.delivery import Outcome, Report

NOWHERE = "django.core.mail.backends.dummy.EmailBackend"


def by_django(letter: Letter) -> Report:
    """The connection first: what fails before it stands was surely not sent."""
    if settings.EMAIL_BACKEND == NOWHERE:
        return Report(Outcome.REFUSED, "No mail server is set: EMAIL_URL.")
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        return Report(Outcome.AWAY, f"No connection to the mail server: {_kind(error)}.")
    try:
        message_id = f"<{letter.reference}@{_domain()}>"
        EmailMessage(
            letter.subject,
            letter.text,
            settings.DEFAULT_FROM_EMAIL,
            [letter.to],
            connection=connection,
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        ).send()
        return Report(Outcome.TAKEN, reference=message_id)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return meaning(error)
    finally:
        with suppress(OSError, smtplib.SMTPException):  # it was answered already
            connection.close()


def meaning(error: Exception) -> Report:
    """4xx may go later, 5xx never (RFC 5321, 4.2.1); without a readable code nobody knows."""
    code = code_of(error)
    if 400 <= code < 500:
        return Report(Outcome.LATER, f"The mail server put it off ({code}).")
    if 500 <= code < 600:
        return Report(Outcome.REFUSED, f"The mail server refused it ({code}).")
    if isinstance(error, ValueError):
        return Report(Outcome.REFUSED, "The address or the subject cannot be written in a mail.")
    return Report(Outcome.UNKNOWN, f"The mail server did not answer: {_kind(error)}.")


def code_of(error: Exception) -> int:
    """The answer that refused; 0 without one. A single recipient: the first code is the only one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((int(code) for code, _ in error.recipients.values()), 0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _kind(error: Exception) -> str:
    """The error's name and code; its words may hold an address."""
    code = code_of(error)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
