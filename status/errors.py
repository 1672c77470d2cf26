"""What the verbs raise, each with a sentence for the operator."""


class StatusError(Exception):
    """It cannot be done; the message says why."""


class Changed(StatusError):  # noqa: N818 - what happened
    """Somebody else has changed it since it was read."""


class TooMany(StatusError):  # noqa: N818 - a refusal, told to a person
    """Too much from one place, or too soon."""
