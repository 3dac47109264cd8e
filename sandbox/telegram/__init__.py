"""A Telegram Bot API server on loopback: its state, its methods, its updates."""
