"""Placeholder for the first commit; the real one follows."""
