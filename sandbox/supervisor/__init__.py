"""Starts the whole platform on one machine, shows where it is, keeps it alive, stops it whole."""
