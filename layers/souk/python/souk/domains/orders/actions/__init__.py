"""What is done with orders, a file for each thing it is done to."""
