"""System status: components, incidents, maintenance."""
