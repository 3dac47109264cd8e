"""The HTTP door of the bots app."""
