"""Shipping: what is to be picked, and the parcels that left with their carriers."""
