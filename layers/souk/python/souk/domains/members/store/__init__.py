"""Members, as they are asked for."""
