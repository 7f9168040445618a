"""The pages in docs/ that are printed from the code, one module each."""
