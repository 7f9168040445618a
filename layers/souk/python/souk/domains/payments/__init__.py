"""Payments: what the provider was asked, what it answered, and every movement of money of an order."""
