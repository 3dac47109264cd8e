"""Behaviours of accounts."""
