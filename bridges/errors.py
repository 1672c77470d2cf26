"""Refusals that an engineer reads; what they wrote is kept by whoever shows the message."""


class BridgeError(Exception):
    """An act between a case and a topic that the rules refuse; the message is a sentence for the person."""
