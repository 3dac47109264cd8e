"""Commands about the whole project."""
