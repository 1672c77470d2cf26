"""Small pure helpers that import no app."""
