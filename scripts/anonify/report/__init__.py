"""The page on a run, and the archive of it."""
