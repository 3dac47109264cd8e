"""The demo: one giveaway played from its first to its last message, and then checked against what was delivered."""
