"""What a document was made from, in a few characters."""

import hashlib


def fingerprint(*things: object) -> str:
    """Return a digest of values that print all of what they are: text, numbers, times, frozen dataclasses of these."""
    return hashlib.sha256(repr(things).encode("utf-8", "surrogatepass")).hexdigest()[:32]
