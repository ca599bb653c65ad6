"""The front door for Python: DataFrames in, releases out."""
