"""What every room shares, and knows nothing of the domain."""
