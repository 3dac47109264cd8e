"""Webhooks: what happens on the platform is told to servers of its accounts, signed, at least once."""
