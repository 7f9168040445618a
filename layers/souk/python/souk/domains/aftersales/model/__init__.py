"""The nouns of the room: the case, and a file for each thing that is said, decided or worth something in it."""
