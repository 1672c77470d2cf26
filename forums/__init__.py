"""The public community."""
