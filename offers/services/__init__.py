"""Rules of offers: ordering, settling, renewing, expiring, telling."""
