"""What the private servers may fail with."""


class ServerError(RuntimeError):
    """A private server cannot be had; the message tells a person why and what to do."""
