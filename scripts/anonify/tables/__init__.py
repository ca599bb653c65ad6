"""What a table is, how it is read, written and counted."""
