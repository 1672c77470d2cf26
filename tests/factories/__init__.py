"""Factories: valid rows with believable values, one module per app."""
