"""The rules of the bots app, by noun."""
