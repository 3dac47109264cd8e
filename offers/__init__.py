"""Offers: a catalogue, what an account has of it, and the money-safe way there."""
