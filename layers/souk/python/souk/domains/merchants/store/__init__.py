"""Merchants, as they are asked for, and who of them sells."""
