"""The mail server: real SMTP, so that what sends mail in production is what runs here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.inbox.letters import Inbox

TAKEN = "250 Message accepted"
MOST_BYTES = 5_000_000


class Receiver:
    """The hooks aiosmtpd calls."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        trouble = self._inbox.trouble("email")
        if trouble.kind in ("refuse", "later", "error"):
            return {
                "refuse": "550 5.1.1 There is no such mailbox here",
                "later": "451 4.3.0 Try again later",
                "error": "554 5.3.0 Transaction failed",
            }[trouble.kind]
        if trouble.kind == "hang":
            await asyncio.sleep(trouble.ms / 1000)
        self._keep(envelope)
        if trouble.kind == "lost":
            cut(server)
        return "%%% what a proxy makes of an answer" if trouble.kind == "garble" else TAKEN

    def _keep(self, envelope: Envelope) -> None:
        """One letter for every recipient, hidden ones too, as each would find it."""
        message = message_from_bytes(_bytes(envelope.content), policy=default)
        body = message.get_body(("plain", "html")) if isinstance(message, EmailMessage) else None
        text = str(body.get_content()) if body else ""
        about = {
            "subject": str(message["Subject"] or "").strip(),
            "message_id": str(message["Message-ID"] or "").strip(),
        }
        for to in envelope.rcpt_tos:
            self._inbox.take("email", to, text.replace("\r\n", "\n").rstrip("\n"), **about)


def cut(server: SMTP) -> None:
    """Hangs up without a word."""
    if server.transport is not None:
        server.transport.close()


def _bytes(content: bytes | str | None) -> bytes:
    return content.encode() if isinstance(content, str) else content or b""


@contextlib.asynccontextmanager
async def receiving(inbox: Inbox, port: int) -> AsyncIterator[int]:
    """Receives mail on the loopback while the block runs; gives the port it got."""
    receiver = Receiver(inbox)

    def session() -> SMTP:
        return SMTP(receiver, hostname="sandbox", data_size_limit=MOST_BYTES, enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
