"""How a change to a case is made: lock and authorise, write the event, keep the search index, save.

Every verb module builds on these few functions, inside its own transaction.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from cases.constants import EventKind
from cases.models import Case, CaseAttachment, CaseEvent, Comment
from files import staging
from lib import markdown

# A tsvector holds at most 1 MB; words beyond these bounds are not found, rather than the reply refused.
SEARCH_TEXT_LIMIT = 20_000  # characters of one text
SEARCH_VECTOR_LIMIT = 400_000  # bytes of a case's whole index


class CaseError(Exception):
    """An act that the rules of cases refuse; the message is for the person."""


class StaleCaseError(CaseError):
    """Somebody changed the case after the form was read; nothing was written."""

    def __init__(self, case: Case, message: str) -> None:
        super().__init__(message)
        self.case = case


def lock(*, case_id: int, user: User) -> Case:
    """Return the case, locked until the transaction ends, if ``user`` may see it.

    Raises ``Case.DoesNotExist`` for a case that does not exist for ``user``.
    """
    case: Case = (
        Case.objects.visible_to(user)
        .select_related("account__plan", "account__csm", "account__partner", "contact__user", "product", "owner")
        .select_for_update(of=("self",))
        .get(pk=case_id)
    )
    return case


def require_version(case: Case, version: int | None, message: str = "") -> None:
    """Raise ``StaleCaseError`` when the form was read before the case's last change."""
    if version is not None and version != case.version:
        raise StaleCaseError(case, message or _("This case changed while you were reading it. Nothing was saved yet."))


def record(
    case: Case,
    kind: EventKind,
    *,
    actor: User | None,
    data: Mapping[str, Any] | None = None,
    comment: Comment | None = None,
    internal: bool = False,
) -> CaseEvent:
    """Append one event."""
    return CaseEvent.objects.create(
        case=case, kind=kind, actor=actor, data=dict(data or {}), comment=comment, is_internal=internal
    )


def save(case: Case, *fields: str, public: bool = True) -> None:
    """Save ``fields`` and the marks of a change: version and time; the customer's time only when ``public``."""
    case.version += 1
    case.updated_at = timezone.now()
    names = {"version", "updated_at", *fields}
    if public:
        case.public_updated_at = case.updated_at
        names.add("public_updated_at")
    case.save(update_fields=sorted(names))


def add_comment(case: Case, *, author: User, body: str, internal: bool, token: Any = None) -> Comment:
    """Write a comment and index its words where those who may read it search."""
    comment = Comment.objects.create(
        case=case,
        author=author,
        body=body,
        body_html=markdown.render(body),
        markdown_version=markdown.RENDERER_VERSION,
        is_internal=internal,
        submission_token=token,
    )
    add_to_index(case, body, weight="C", internal=internal)
    return comment


def attach(case: Case, *, event: CaseEvent, owner: User, tokens: Collection[str]) -> list[CaseAttachment]:
    """Turn the owner's staged uploads into attachments of ``event``. Raises what ``files.staging.attach`` raises."""
    return CaseAttachment.objects.bulk_create(
        CaseAttachment(case=case, event=event, upload=upload, is_internal=event.is_internal)
        for upload in staging.attach(owner=owner, tokens=tokens)
    )


def rebuild_index(case: Case) -> None:
    """Index subject and description anew, with all comments; for a new or an edited case."""
    texts = [(case.subject, "A", False), (case.description, "B", False)]
    if case.version > 1:
        texts += [(body, "C", internal) for body, internal in case.comments.values_list("body", "is_internal")]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET search_public = '', search_staff = '' WHERE id = %s", [case.pk])
    for text, weight, internal in texts:
        add_to_index(case, text, weight=weight, internal=internal)


def add_to_index(case: Case, text: str, *, weight: str, internal: bool) -> None:
    """Add a text's words to the case's search index, in the database, at a cost that does not grow with the case."""
    columns = ["search_staff"] if internal else ["search_staff", "search_public"]
    assignments = ", ".join(
        f"{column} = CASE WHEN pg_column_size({column}) > %(limit)s THEN {column}"
        f" ELSE coalesce({column}, '') || new.words END"
        for column in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE cases_case SET {assignments}"  # noqa: S608 - only the column names above are formatted in
            " FROM (SELECT setweight(to_tsvector(%(config)s::regconfig, %(text)s), %(weight)s) AS words) AS new"
            " WHERE id = %(pk)s",
            {
                "config": settings.CASE_SEARCH_CONFIG,
                "text": text[:SEARCH_TEXT_LIMIT],
                "weight": weight,
                "limit": SEARCH_VECTOR_LIMIT,
                "pk": case.pk,
            },
        )
