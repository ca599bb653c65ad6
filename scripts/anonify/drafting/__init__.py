"""What `anonify init` proposes for a table that nobody has described yet."""
