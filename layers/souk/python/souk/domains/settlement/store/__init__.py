"""Fee rules and settlements, as they are asked for."""
