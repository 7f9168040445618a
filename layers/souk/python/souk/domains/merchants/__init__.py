"""Merchants: who sells own goods in this shop, and how they come to."""
