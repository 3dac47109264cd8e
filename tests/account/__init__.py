"""Behaviours of an account's money and services."""
