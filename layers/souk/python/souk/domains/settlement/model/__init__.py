"""Fee rules and settlements."""
