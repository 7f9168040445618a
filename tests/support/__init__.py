"""What tests stand on: the shop in one process, its clock, its callers."""
