"""Promotions: flash sales, for which goods are set aside."""
