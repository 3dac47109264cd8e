"""The control API: what tests, the demo and the page use to play the people and direct the stage."""
