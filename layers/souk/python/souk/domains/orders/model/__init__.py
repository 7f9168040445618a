"""The nouns of the room: the quote and the order."""
