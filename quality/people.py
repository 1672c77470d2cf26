"""Sessions of the demo's people, made without the sign-in form: its limits and its password hash take time."""

import time
from importlib import import_module

from allauth.account.internal.flows import login
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User

# Roles by which pages are looked at, and who of the demo has them.
ROLES = {
    "contact": "contact@acme.example",
    "colleague": "colleague@acme.example",
    "stranger": "contact@globex.example",
    "partner": "contact@initech.example",
    "member": "member@community.example",
    "engineer": "engineer@portal.example",
    "manager": "manager@portal.example",
    "csm": "csm@portal.example",
    "moderator": "moderator@portal.example",
    "operator": "operator@portal.example",
    "admin": "admin@portal.example",
}


def session_of(user: User) -> str:
    """Return the key of a new session whose ``user`` is not asked for their password for an hour."""
    session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # In an hour's time: what asks for the password once more after five minutes does not ask meanwhile.
    given = {"method": "password", "at": time.time() + 3600, "reauthenticated": True}
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [given]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)  # noqa: SLF001 - there is no other name
    session.create()
    return str(session.session_key)
