"""What needs two domains: flows order the calls and map plain values."""
