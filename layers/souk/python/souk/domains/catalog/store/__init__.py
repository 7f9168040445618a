"""The catalogue, as it is asked for: a file for each noun, imported by who asks of it."""
