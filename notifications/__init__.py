"""The delivery ledger: everything the portal sends to a person or an endpoint."""
