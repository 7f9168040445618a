"""What takes long at a size that no other test has."""
