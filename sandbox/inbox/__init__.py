"""The inbox: mail by SMTP and SMS by HTTP, received, kept and shown, as the outside world would."""

from sandbox.inbox.letters import SMS_KEY, Inbox, Letter

__all__ = ["SMS_KEY", "Inbox", "Letter"]
