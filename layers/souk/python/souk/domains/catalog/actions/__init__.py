"""What is done in the catalog, a file for each thing it is done to."""
