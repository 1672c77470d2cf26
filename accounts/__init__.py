"""People: users, customer accounts, contacts, plans, roles and the sign-in adapter."""
