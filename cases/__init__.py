"""Private support cases: the customer's side and the desk."""
