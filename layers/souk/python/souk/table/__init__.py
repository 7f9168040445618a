"""The single table: keys, patterns, questions, and the unit of work."""
