"""Behaviours every app shares."""
