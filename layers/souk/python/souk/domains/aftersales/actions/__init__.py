"""What is done with cases, a file for each who does it; commands that money takes part in are flows."""
