"""E-mail addresses as keys."""

import unicodedata


def normalise_email(address: str) -> str:
    """Return the form in which two spellings of one mailbox are equal: NFKC, trimmed, lower case.

    The part before the @ is case-sensitive by RFC 5321 and nowhere in practice; treating ``Ann@`` and ``ann@`` as
    two people would send one of them the other's mail.
    """
    return unicodedata.normalize("NFKC", address).strip().lower()
