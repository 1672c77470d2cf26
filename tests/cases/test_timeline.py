import pytest

from cases import timeline, workflow
from cases.constants import EventKind
from cases.models import CaseEvent
from tests.factories.cases import file_case

pytestmark = pytest.mark.django_db

SAMPLES = {
    EventKind.STATUS_CHANGED: {"from": "new", "to": "in_progress"},
    EventKind.PRIORITY_CHANGED: {"from": "normal", "to": "urgent"},
    EventKind.SEVERITY_CHANGED: {"from": "s3", "to": "s1"},
    EventKind.ASSIGNED: {"from": None, "to": None},
    EventKind.EDITED: {"fields": ["description", "subject"]},
    EventKind.FOLLOWER_ADDED: {"user": 0},
    EventKind.FOLLOWER_REMOVED: {"user": 0},
    EventKind.FOLLOWED_UP: {"case": 17},
}


def words(case):
    return [str(entry.sentence) for entry in timeline.entries(case.events.timeline())]


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_a_sentence_and_an_icon(contact, kind):
    case = file_case(contact)
    CaseEvent.objects.create(case=case, kind=kind, actor=contact.user, data=SAMPLES.get(kind, {}))
    entry = timeline.entries(case.events.timeline())[-1]
    assert str(entry.sentence).startswith("<strong>Dana Reyes</strong> ")
    assert entry.icon


def test_what_the_portal_did_by_itself_is_told_in_its_name(contact, settings):
    case = file_case(contact)
    CaseEvent.objects.create(
        case=case, kind=EventKind.STATUS_CHANGED, actor=None, data={"from": "solved", "to": "closed"}
    )
    assert words(case)[-1].startswith(f"<strong>{settings.PORTAL_NAME}</strong> changed the status")


def test_person_who_follows_by_themselves_is_not_named_twice(contact, colleague):
    case = file_case(contact)
    workflow.follow(case_id=case.pk, actor=colleague.user, user=colleague.user)
    workflow.follow(case_id=case.pk, actor=colleague.user, user=contact.user)
    assert words(case)[1:] == [
        "<strong>Sam Whitfield</strong> follows the case",
        "<strong>Sam Whitfield</strong> added <strong>Dana Reyes</strong> as a follower",
    ]


def test_edited_fields_are_named(contact):
    case = file_case(contact)
    CaseEvent.objects.create(
        case=case, kind=EventKind.EDITED, actor=contact.user, data={"fields": ["description", "subject", "<b>"]}
    )
    assert words(case)[-1].endswith("edited the description, the subject and &lt;b&gt;")


def test_sides_are_told_apart(contact, engineer):
    case = file_case(contact)
    workflow.reply(case_id=case.pk, actor=contact.user, body="one")
    workflow.reply(case_id=case.pk, actor=engineer, body="two")
    workflow.reply(case_id=case.pk, actor=engineer, body="three", internal=True)
    comments = [entry for entry in timeline.entries(case.events.timeline()) if entry.is_comment]
    assert [entry.is_staff for entry in comments] == [False, True, True]
