"""The back office of accounts: people, accounts and their money, the trail."""

from accounts.admin import accounts, people

__all__ = ["accounts", "people"]
