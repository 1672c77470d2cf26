"""A person's own view of the ledger."""
