"""What every room may rely on and what relies on nothing: errors, money, ids, time, states, settings."""
