"""The published snapshot: the public status as files that need neither this program nor its servers to be read."""
