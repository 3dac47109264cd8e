"""The HTTP door of accounts."""
