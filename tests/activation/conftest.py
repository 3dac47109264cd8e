"""Activation plays on the stage of offers."""

from tests.offers.conftest import partner

__all__ = ["partner"]
