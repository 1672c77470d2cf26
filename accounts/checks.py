"""Misconfiguration of sign-in, told at start with a hint."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.http.request import validate_host


@register(Tags.security)
def check_portal_url(**_kwargs: Any) -> list[CheckMessage]:
    """``PORTAL_URL`` must be an address; passkeys need a host name in it."""
    parts = urlsplit(settings.PORTAL_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return [
            Error(
                f"PORTAL_URL is no address: {settings.PORTAL_URL!r}.",
                hint="Set it to where people reach the portal, such as https://support.example.com.",
                id="accounts.E001",
            )
        ]
    problems: list[CheckMessage] = []
    if _is_ip(parts.hostname):
        problems.append(
            Warning(
                f"PORTAL_URL has an IP address ({parts.hostname}), and passkeys need a host name.",
                hint="Use a host name, such as http://localhost:8000 on one's own machine.",
                id="accounts.W001",
            )
        )
    if not validate_host(parts.hostname, settings.ALLOWED_HOSTS):
        problems.append(
            Warning(
                f"PORTAL_URL's host {parts.hostname} is not among ALLOWED_HOSTS: links in mails would be refused.",
                hint="Add it to ALLOWED_HOSTS.",
                id="accounts.W002",
            )
        )
    return problems


@register(Tags.security, deploy=True)
def check_production_sign_in(**_kwargs: Any) -> list[CheckMessage]:
    """In production links are https and staff have a second factor."""
    problems: list[CheckMessage] = []
    if urlsplit(settings.PORTAL_URL).scheme != "https":
        problems.append(
            Warning(
                "PORTAL_URL is not https: passwords and sign-in links would travel in the clear.",
                hint="Put the portal behind TLS and set PORTAL_URL to its https address.",
                id="accounts.W003",
            )
        )
    if not settings.STAFF_MFA_REQUIRED:
        problems.append(
            Warning(
                "STAFF_MFA_REQUIRED is off: a stolen staff password would open every customer's cases.",
                hint="Use portal.settings.production, which sets it.",
                id="accounts.W004",
            )
        )
    return problems


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
