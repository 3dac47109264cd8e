"""The fault campaign: real servers and pumps killed and frozen at random moments under load, then the proof."""
