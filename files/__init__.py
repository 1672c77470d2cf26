"""Uploads: staged or attached, private, in the storage that settings name."""
