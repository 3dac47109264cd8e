"""Stand-ins for the outside world, for a machine with nothing but Python. Imports nothing of the apps."""
