"""Carts: what somebody means to buy, for as long as nobody else is bound by it."""
