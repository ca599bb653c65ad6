"""Where a table comes from."""
