"""What the shop sells: products and their SKUs, categories, and when a product is listed."""
