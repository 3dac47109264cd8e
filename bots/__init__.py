"""Telegram itself: bots, channels, the rights between them, and the one client that speaks to it."""
