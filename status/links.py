"""Addresses of the status site's pages: from settings alone, so that they are the same with and without a request."""

from urllib.parse import urlsplit

from django.conf import settings


def page(path: str = "", language: str = "") -> str:
    """Return where a link on a page leads: a path, or a whole address where the status site has its own domain.

    ``path`` is relative to the site's home, such as ``history/``; ``language`` is a code, English when empty.
    """
    absolute_url = absolute(path, language)
    return urlsplit(absolute_url).path if is_within_portal() else absolute_url


def absolute(path: str = "", language: str = "") -> str:
    """Return the whole address, for mails, feeds and the read API."""
    prefix = f"{language}/" if language and language != settings.LANGUAGE_CODE else ""
    return f"{settings.STATUS_URL}/{prefix}{path}"


def is_within_portal() -> bool:
    """Say whether the status site lives at the portal's own address."""
    return bool(urlsplit(settings.STATUS_URL).netloc == urlsplit(settings.PORTAL_URL).netloc)
