"""The proof: tests/<app>/test_<behaviour>.py holds everything about one behaviour."""
