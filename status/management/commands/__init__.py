"""Commands of the status site."""
