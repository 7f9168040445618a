"""Reconciliation: what payment providers say has moved on their accounts, held against what the shop says."""
