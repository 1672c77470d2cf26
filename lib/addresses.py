"""E-mail addresses as keys, and web addresses that lead nowhere else."""

import unicodedata

from django.utils.http import url_has_allowed_host_and_scheme


def normalise_email(address: str) -> str:
    """Return the form in which two spellings of one mailbox are equal: NFKC, trimmed, lower case.

    The part before the @ is case-sensitive by RFC 5321 and nowhere in practice; treating ``Ann@`` and ``ann@`` as
    two people would send one of them the other's mail.
    """
    return unicodedata.normalize("NFKC", address).strip().lower()


def is_of_this_site(url: str) -> bool:
    """Say whether ``url`` is a path of this site: what a form or a message sends somebody back to."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
