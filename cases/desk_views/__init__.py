"""The desk: where engineers work the cases of every customer."""
