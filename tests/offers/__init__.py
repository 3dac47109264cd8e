"""Behaviours of offers."""
