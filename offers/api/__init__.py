"""The HTTP door of offers and money."""
