"""What is done with bills and their differences, a file for each."""
