"""What methods work with and return."""
