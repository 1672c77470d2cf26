"""The customer's side of cases."""

from cases.views.acting import edit, follow, move, reply, unfollow, verify
from cases.views.activity import activity
from cases.views.drafting import discard_draft, restore_draft, save_draft
from cases.views.filing import create, filed, filing_extras, preview, subject_check
from cases.views.listing import case_list
from cases.views.reading import attachment, detail

__all__ = [
    "activity",
    "attachment",
    "case_list",
    "create",
    "detail",
    "discard_draft",
    "edit",
    "filed",
    "filing_extras",
    "follow",
    "move",
    "preview",
    "reply",
    "restore_draft",
    "save_draft",
    "subject_check",
    "unfollow",
    "verify",
]
