"""The whole shop in one process, on virtual time, under faults: its production handlers and nothing else of it."""
