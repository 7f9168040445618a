"""Exchange: what one currency is worth in another, since when, and by whose word."""
