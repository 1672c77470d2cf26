"""What joins sibling apps."""
