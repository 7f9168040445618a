"""What is told of orders: when they are placed, and as they move."""
