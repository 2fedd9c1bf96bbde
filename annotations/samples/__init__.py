"""Which units are drawn: recipes, keyed hashes and shares. Plain functions, no Django."""
