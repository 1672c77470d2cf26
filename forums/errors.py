"""Refusals that a person reads. The text they wrote is kept by whoever shows the message."""


class ForumError(Exception):
    """An act that the rules of the forums refuse; the message is a sentence for the person."""


class StaleError(ForumError):
    """Somebody changed the thing after the form was read; nothing was written."""


class LimitError(ForumError):
    """Too much at once, or more than a new member may; the message says what to change or when to go on."""
