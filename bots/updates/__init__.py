"""The update process: where Telegram's updates come in, by polling or by webhook."""
