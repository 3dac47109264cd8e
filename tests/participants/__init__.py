"""Behaviours of participants."""
