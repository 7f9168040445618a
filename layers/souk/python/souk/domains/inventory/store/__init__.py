"""Stock and its documents, as they are asked for: a file for each noun, imported by who asks of it."""
