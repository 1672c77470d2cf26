"""The Data Loader community, on top of forums."""
