"""The HTTP door of the participants app."""
