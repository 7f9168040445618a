"""A rush for the goods of a flash sale: what it writes to which partition, and what it does over HTTP."""
