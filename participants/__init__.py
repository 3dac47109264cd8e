"""People, their entries, the captcha, the draw and its results."""
