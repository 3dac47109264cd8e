"""The back office of offers: what is sold, what was bought, and what people were told of it."""

from offers.admin import bought, sold

__all__ = ["bought", "sold"]
