"""A private case for the author of a public topic."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Contact, User
from bridges import policies
from bridges.errors import BridgeError
from bridges.models import TopicCase
from cases import changes as case_changes
from cases import workflow
from cases.constants import EventKind, Origin
from cases.models import Case
from cases.workflow import NewCase
from forums import changes as forum_changes


@transaction.atomic
def make_case(
    *, topic_id: int, actor: User, contact: Contact, new: NewCase, submission_token: UUID | None = None
) -> Case:
    """File a case of the topic's author, and note on the topic that the support team has taken it up.

    The same ``submission_token`` twice gives the first case again. Raises ``BridgeError`` while another case of the
    topic is open, ``PermissionDenied`` when the contact may not file, ``Topic.DoesNotExist``.
    """
    topic = forum_changes.lock_topic(topic_id=topic_id, user=actor)
    policies.make_case(actor, topic).require()
    for row in TopicCase.objects.of_topic(topic).select_related("case"):
        if submission_token is not None and row.case.submission_token == submission_token:
            return row.case
        if not row.case.is_closed:
            raise BridgeError(_("%(number)s was made of this topic already.") % {"number": row.case.number})
    if contact.user_id != topic.author_id:
        raise BridgeError(_("The case of a topic is its author's."))
    case = workflow.open_case(
        contact=contact, actor=actor, new=new, origin=Origin.STAFF, submission_token=submission_token
    )
    TopicCase.objects.create(topic=topic, case=case, made_by=actor)
    case_changes.record(case, EventKind.MADE_OF_TOPIC, actor=actor, data={"topic": topic.pk})
    return case
