"""Orders, as they are asked for: one, or many of them, and what lies with them."""
