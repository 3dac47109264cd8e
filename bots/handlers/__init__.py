"""Telegram's door of the bots app: what happens in channels, people and their links, payments, a hello."""

from bots.handlers.channels import last_router, router
from bots.handlers.payments import router as payments_router

__all__ = ["last_router", "payments_router", "router"]
