"""Offers, subscriptions and transactions: not part of this version yet."""
