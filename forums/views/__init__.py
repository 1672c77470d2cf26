"""Pages of the forums, a module for each kind of act."""
