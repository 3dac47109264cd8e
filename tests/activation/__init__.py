"""Behaviours of activation over HTTP."""
