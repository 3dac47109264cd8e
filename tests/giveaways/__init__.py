"""Behaviours of giveaways."""
