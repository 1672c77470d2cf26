import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts import erasure
from accounts.models import Contact, User
from cases import drafts, tasks, workflow
from cases.models import Case, CaseDraft
from files import staging
from lib.drafts import FORGOTTEN_AFTER, UNDO_FOR
from tests.cast import SignedIn
from tests.factories.cases import file_case

pytestmark = pytest.mark.django_db
SAVE, DISCARD, RESTORE = "/cases/drafts/", "/cases/drafts/discard/", "/cases/drafts/restore/"


@pytest.fixture
def case(contact: Contact) -> Case:
    return file_case(contact, subject="Orders stop")


@pytest.fixture
def at_work(contact: Contact, as_user: SignedIn) -> Client:
    return as_user(contact.user)


def typed(key: str, version: int = 0, **fields: Any) -> dict[str, Any]:
    return {"key": key, "version": version, **fields}


def kept(client: Client, key: str, **fields: Any) -> int:
    answer = client.post(SAVE, typed(key, **fields))
    assert answer.status_code == 200, answer.content
    version: int = answer.json()["version"]
    return version


def test_what_is_typed_is_found_again_on_another_device(contact: Contact, as_user: SignedIn, case: Case) -> None:
    kept(as_user(contact.user), f"reply:{case.pk}", body="It happens at night\nonly.")
    page = as_user(contact.user).get(case.get_absolute_url()).content.decode()
    assert "It happens at night\nonly.</textarea>" in page
    assert "Draft restored" in page


def test_a_new_case_begins_where_it_was_left(at_work: Client) -> None:
    kept(at_work, "new", subject="Agent restarts", description="Each night.", severity="s2", environment="staging")
    page = at_work.get("/cases/new/").content.decode()
    assert 'value="Agent restarts"' in page
    assert "Each night.</textarea>" in page
    assert '<option value="staging" selected>' in page


def test_production_down_begins_with_what_its_link_says(at_work: Client) -> None:
    kept(at_work, "new", subject="Agent restarts", description="Each night.")
    page = at_work.get("/cases/new/?subject=Production%20Down").content.decode()
    assert 'value="Production Down"' in page
    assert "Each night." not in page
    assert 'data-draft-key="new"' not in page


def test_an_older_window_overwrites_nothing(at_work: Client, case: Case) -> None:
    key = f"reply:{case.pk}"
    first = kept(at_work, key, body="One")
    second = at_work.post(SAVE, typed(key, first, body="One two")).json()["version"]
    stale = at_work.post(SAVE, typed(key, first, body="Old"))
    assert second > first
    assert stale.status_code == 409
    assert "Reload" in stale.json()["message"]
    assert CaseDraft.objects.get().fields == {"body": "One two"}


def test_a_window_goes_on_though_the_answer_to_its_last_save_got_lost(at_work: Client, case: Case) -> None:
    key, form = f"reply:{case.pk}", str(uuid4())
    first = kept(at_work, key, body="One", form=form)
    at_work.post(SAVE, typed(key, first, body="One two", form=form))
    again = at_work.post(SAVE, typed(key, first, body="One two three", form=form))
    assert again.status_code == 200
    page = at_work.get(case.get_absolute_url()).content.decode()
    assert "One two three</textarea>" in page
    other = at_work.post(SAVE, typed(key, first, body="Old", form=str(uuid4())))
    assert other.status_code == 409


def test_the_first_save_may_be_the_one_whose_answer_got_lost(at_work: Client, case: Case) -> None:
    key, form = f"reply:{case.pk}", str(uuid4())
    kept(at_work, key, body="One", form=form)
    kept(at_work, key, body="One two", form=form)
    assert CaseDraft.objects.get().fields["body"] == "One two"


def test_a_window_does_not_go_on_with_what_was_discarded(at_work: Client, case: Case) -> None:
    key, form = f"reply:{case.pk}", str(uuid4())
    version = kept(at_work, key, body="One", form=form)
    at_work.post(DISCARD, {"key": key})
    assert at_work.post(SAVE, typed(key, version, body="One two", form=form)).status_code == 409


def test_a_second_new_window_overwrites_nothing(at_work: Client) -> None:
    kept(at_work, "new", subject="One")
    assert at_work.post(SAVE, typed("new", 0, subject="Two")).status_code == 409


def test_the_draft_after_one_that_was_sent_is_not_taken_for_it(at_work: Client, case: Case, contact: Contact) -> None:
    key = f"reply:{case.pk}"
    version = kept(at_work, key, body="One")
    drafts.forget(contact.user, key)
    kept(at_work, key, body="Another")
    assert at_work.post(SAVE, typed(key, version, body="One more")).status_code == 409


def test_an_emptied_form_keeps_no_draft(at_work: Client, case: Case) -> None:
    key = f"reply:{case.pk}"
    version = kept(at_work, key, body="One")
    answer = at_work.post(SAVE, typed(key, version, body=" "))
    assert answer.json() == {"version": 0, "saved": ""}
    assert not CaseDraft.objects.exists()


def test_a_choice_alone_is_no_draft(at_work: Client) -> None:
    assert at_work.post(SAVE, typed("new", severity="s1", environment="staging")).json()["version"] == 0


def test_a_reply_that_is_sent_takes_its_draft_along(at_work: Client, case: Case) -> None:
    token = str(uuid4())
    kept(at_work, f"reply:{case.pk}", body="Half")
    at_work.post(f"/cases/{case.number}/reply/", {"body": "Whole", "submission_token": token})
    assert case.comments.get().body == "Whole"
    assert not CaseDraft.objects.exists()
    # A save that was on its way comes too late.
    late = at_work.post(SAVE, typed(f"reply:{case.pk}", body="Half", form=token))
    assert late.status_code == 409
    assert not CaseDraft.objects.exists()


def test_a_case_that_is_filed_takes_its_draft_along(at_work: Client, case: Case) -> None:
    sent = {
        "product": case.product_id,
        "subject": "Agent restarts",
        "description": "Each night.",
        "severity": "s3",
        "environment": "production",
        "submission_token": str(uuid4()),
    }
    kept(at_work, "new", subject="Agent")
    assert at_work.post("/cases/new/", {**sent, "draft_key": "new"}).status_code == 302
    assert not CaseDraft.objects.exists()


def test_a_reply_that_is_refused_leaves_its_draft(at_work: Client, case: Case) -> None:
    kept(at_work, f"reply:{case.pk}", body="Half")
    at_work.post(f"/cases/{case.number}/reply/", {"body": "", "submission_token": str(uuid4())})
    assert CaseDraft.objects.count() == 1


def test_a_note_and_an_answer_are_two_drafts(engineer: User, as_user: SignedIn, case: Case) -> None:
    desk = as_user(engineer)
    kept(desk, f"note:{case.pk}", body="They are behind on payment.")
    page = desk.get(case.get_desk_url()).content.decode()
    form = page[page.index("data-desk-composer") :]
    assert 'value="internal" checked' in form
    assert f'data-draft-key="note:{case.pk}"' in form
    kept(desk, f"answer:{case.pk}", body="We look into it.")
    form = desk.get(case.get_desk_url()).content.decode().partition("data-desk-composer")[2]
    assert f'data-draft-key="answer:{case.pk}"' in form
    assert "We look into it.</textarea>" in form
    assert "payment" not in form.partition("<textarea")[2].partition("</textarea>")[0]


def test_an_answer_that_is_sent_leaves_the_note(engineer: User, as_user: SignedIn, case: Case) -> None:
    desk = as_user(engineer)
    for kind in ("note", "answer"):
        kept(desk, f"{kind}:{case.pk}", body=kind)
    workflow.reply(case_id=case.pk, actor=engineer, body="Sent", submission_token=uuid4())
    assert [draft.key for draft in CaseDraft.objects.all()] == [f"note:{case.pk}"]


@pytest.mark.parametrize("key", ["note", "answer", "reply"])
def test_nobody_keeps_a_draft_of_what_they_may_not_write(
    key: str, case: Case, contact: Contact, stranger: Contact, as_user: SignedIn
) -> None:
    user = stranger.user if key == "reply" else contact.user
    assert as_user(user).post(SAVE, typed(f"{key}:{case.pk}", body="x")).status_code == 404
    assert not CaseDraft.objects.exists()


def test_a_member_has_no_form_for_cases(member: User, as_user: SignedIn) -> None:
    assert as_user(member).post(SAVE, typed("new", subject="x")).status_code == 404


def test_a_draft_is_its_authors_alone(case: Case, contact: Contact, colleague: Contact, as_user: SignedIn) -> None:
    kept(as_user(contact.user), f"reply:{case.pk}", body="Only mine")
    other = as_user(colleague.user)
    assert b"Only mine" not in other.get(case.get_absolute_url()).content
    other.post(DISCARD, {"key": f"reply:{case.pk}"})
    assert CaseDraft.objects.get().discarded_at is None


def test_discarding_can_be_undone(at_work: Client, case: Case) -> None:
    key = f"reply:{case.pk}"
    kept(at_work, key, body="One")
    page = at_work.post(DISCARD, {"key": key}, follow=True).content.decode()
    assert "The draft is discarded." in page
    assert "One</textarea>" not in page
    undo_url = f"{RESTORE}?key=reply%3A{case.pk}"
    assert f'action="{undo_url}"' in page
    assert "One</textarea>" in at_work.post(undo_url, follow=True).content.decode()
    # Once more is once.
    at_work.post(undo_url)
    assert CaseDraft.objects.get().fields == {"body": "One"}


def test_undoing_never_takes_the_place_of_something_newer(at_work: Client, case: Case) -> None:
    key = f"reply:{case.pk}"
    kept(at_work, key, body="One")
    at_work.post(DISCARD, {"key": key})
    kept(at_work, key, body="Newer")
    page = at_work.post(f"{RESTORE}?key={key}", follow=True).content.decode()
    assert "can no longer be undone" in page
    assert "Newer</textarea>" in page


def test_a_discarded_draft_is_gone_for_good_after_a_day(at_work: Client, case: Case, contact: Contact) -> None:
    key = f"reply:{case.pk}"
    kept(at_work, key, body="One")
    drafts.discard(user=contact.user, key=key)
    CaseDraft.objects.update(discarded_at=timezone.now() - UNDO_FOR - timedelta(minutes=1))
    assert not drafts.restore(user=contact.user, key=key)
    assert tasks.sweep_drafts() == 1


def test_forgotten_drafts_are_swept(at_work: Client, case: Case) -> None:
    kept(at_work, f"reply:{case.pk}", body="One")
    kept(at_work, "new", subject="Fresh")
    old = timezone.now() - FORGOTTEN_AFTER - timedelta(days=1)
    CaseDraft.objects.filter(key__startswith="reply").update(updated_at=old)
    assert drafts.sweep() == 1
    assert CaseDraft.objects.get().key == "new"


def test_an_erased_person_leaves_no_draft(at_work: Client, contact: Contact, administrator: User) -> None:
    kept(at_work, "new", subject="Mine")
    erasure.erase(user=contact.user, actor=administrator)
    assert not CaseDraft.objects.exists()


def test_staged_files_come_back_with_their_draft(at_work: Client, contact: Contact, case: Case) -> None:
    upload = staging.stage(owner=contact.user, file=ContentFile(b"x"), name="night.log")
    kept(at_work, f"reply:{case.pk}", body="See the log.", uploads=upload.token)
    assert "night.log" in at_work.get(case.get_absolute_url()).content.decode()


def test_files_alone_are_no_draft(at_work: Client, contact: Contact, case: Case) -> None:
    upload = staging.stage(owner=contact.user, file=ContentFile(b"x"), name="night.log")
    assert kept(at_work, f"reply:{case.pk}", uploads=upload.token) == 0
    assert not CaseDraft.objects.exists()


def test_files_of_somebody_else_do_not(at_work: Client, colleague: Contact, case: Case) -> None:
    upload = staging.stage(owner=colleague.user, file=ContentFile(b"x"), name="theirs.log")
    kept(at_work, f"reply:{case.pk}", body="See the log.", uploads=upload.token)
    assert "theirs.log" not in at_work.get(case.get_absolute_url()).content.decode()


NONSENSE: dict[str, Callable[[str], tuple[dict[str, Any], int]]] = {
    "no key": lambda _key: ({"version": 0}, 400),
    "unknown key": lambda _key: (typed("reply:0", body="x"), 400),
    "huge key": lambda _key: (typed("reply:" + "9" * 400, body="x"), 400),
    "missing case": lambda _key: (typed("reply:999999999999999999", body="x"), 404),
    "NUL in the key": lambda key: (typed(key + "\0", body="x"), 400),
    "odd version": lambda key: ({"key": key, "version": "\u0661", "body": "x"}, 400),
    "huge version": lambda key: (typed(key, 10**30, body="x"), 400),
    "too long": lambda key: (typed(key, body="x" * (drafts.FIELD_MAX_LENGTH + 1)), 413),
}


@pytest.mark.parametrize("name", sorted(NONSENSE))
def test_nonsense_is_refused_in_words(name: str, at_work: Client, case: Case) -> None:
    data, status = NONSENSE[name](f"reply:{case.pk}")
    assert at_work.post(SAVE, data).status_code == status
    assert not CaseDraft.objects.exists()


def test_a_nul_is_left_out(at_work: Client, case: Case) -> None:
    kept(at_work, f"reply:{case.pk}", body="a\0b")
    assert CaseDraft.objects.get().fields == {"body": "ab"}


def test_only_the_forms_own_fields_are_kept(at_work: Client, case: Case) -> None:
    kept(at_work, f"reply:{case.pk}", body="x", subject="y", password="z")
    assert json.dumps(CaseDraft.objects.get().fields) == '{"body": "x"}'


def test_one_person_keeps_so_many(at_work: Client, contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.drafts.MAX_DRAFTS", 2)
    for number in range(3):
        kept(at_work, f"new-0000000{number}", subject=f"Draft {number}")
    assert sorted(draft.key for draft in CaseDraft.objects.filter(user=contact.user)) == [
        "new-00000001",
        "new-00000002",
    ]


def test_the_last_cases_choices_are_remembered(at_work: Client, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(environment="staging", contact_phone="+1 555 0100")
    page = at_work.get("/cases/new/").content.decode()
    assert f'<option value="{case.product_id}" selected>' in page
    assert '<option value="staging" selected>' in page
    assert 'value="+1 555 0100"' in page
