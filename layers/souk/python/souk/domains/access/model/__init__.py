"""The nouns of the room, a file for each."""
