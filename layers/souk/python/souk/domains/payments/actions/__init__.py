"""What is done with payments, a file for each thing it is done to."""
