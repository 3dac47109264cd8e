"""Behaviours of logging in and out, and of who one is."""
