"""Inventory: what lies in each store, what of it is promised, and why it changed."""
