"""The rules of the giveaways app, by verb."""
