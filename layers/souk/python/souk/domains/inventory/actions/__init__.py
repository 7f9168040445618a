"""What is done with stock, a file for each thing it is done to."""
