"""Faults are provoked on the stage of the behaviour they disturb."""

from tests.broadcasts.conftest import bot, server
from tests.faults.processes import apps, platform, pytest_runtest_makereport

__all__ = ["apps", "bot", "platform", "pytest_runtest_makereport", "server"]
