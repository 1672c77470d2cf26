"""Finding topics."""
