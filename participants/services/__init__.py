"""The rules of the participants app, by verb."""
