"""The HTTP door of the giveaways app."""
