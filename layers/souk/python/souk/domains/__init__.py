"""The rooms of the shop; none knows another."""
