"""A message that tells of an act and takes it back at one press: kinder than to ask "are you sure" before each."""

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lib.addresses import is_of_this_site

_MARK = "undo:"


def offer(request: HttpRequest, text: str, *, undo_url: str) -> None:
    """Tell of an act; the message's "Undo" POSTs to ``undo_url``, whose view asks anew whether this person may."""
    messages.success(request, text, extra_tags=f"{_MARK}{undo_url}")


def undo_url_of(message: Message) -> str:
    """Return where the message's "Undo" leads; empty for a message that offers none."""
    extra = getattr(message, "extra_tags", "") or ""
    url = extra.removeprefix(_MARK)
    return url if extra.startswith(_MARK) and is_of_this_site(url) else ""


def too_late(request: HttpRequest) -> None:
    """Say that an act cannot be taken back any more."""
    messages.warning(request, _("This can no longer be undone."))
