"""Commands of offers."""
