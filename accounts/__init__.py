"""Who acts, their money, and what was done."""
