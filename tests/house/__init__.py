"""The shape of the house, held by tests, and the pages that are printed from the code."""
