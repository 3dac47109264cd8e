"""The Bot API methods, by verb; importing this package fills the table in `registry`."""

from sandbox.telegram.methods import (
    callbacks,
    chats,
    edit,
    identity,
    invitations,
    media,
    payments,
    polling,
    remove,
    send,
)

__all__ = [
    "callbacks",
    "chats",
    "edit",
    "identity",
    "invitations",
    "media",
    "payments",
    "polling",
    "remove",
    "send",
]
