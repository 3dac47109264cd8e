"""Faults are provoked on the stage of the behaviour they disturb."""

from tests.broadcasts.conftest import bot, server

__all__ = ["bot", "server"]
