"""The nouns of the books: what people enter, what accounts hold, months, and profit; pure."""
