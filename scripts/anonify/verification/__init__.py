"""Promises checked by code of its own, on what was written."""
