import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.constants import CaseVisibility
from accounts.models import Contact
from cases import desk, workflow
from cases.constants import Environment, EventKind, Priority, Status, Verification
from cases.models import Case, CaseAttachment, Comment
from tests.factories.accounts import ContactFactory
from tests.factories.cases import file_case
from tests.factories.files import UploadFactory


def move(case, actor, *statuses):
    for status in statuses:
        case = workflow.change_status(case_id=case.pk, to=status, actor=actor)
    return case


def close_long_ago(case, actor):
    move(case, actor, Status.SOLVED, Status.CLOSED)
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=15))


def reply_form(**changes):
    return {"body": "It still fails.", "submission_token": str(uuid.uuid4()), **changes}


def text(response):
    return response.content.decode()


@pytest.mark.django_db
class TestWhoSeesIt:
    def test_contact_reads_it(self, as_user, contact):
        case = file_case(contact, description="Look at **this**.")
        page = text(as_user(contact.user).get(case.get_absolute_url()))
        for words in (case.number, case.subject, "<strong>this</strong>", "Send reply", "Mark as solved"):
            assert words in page

    def test_stranger_gets_404(self, as_user, contact, stranger):
        assert as_user(stranger.user).get(file_case(contact).get_absolute_url()).status_code == 404

    @pytest.mark.parametrize("role", ["member", "moderator", "operator", "other_csm", "partner_contact"])
    def test_others_get_404(self, as_user, request, contact, role):
        person = request.getfixturevalue(role)
        client = as_user(person.user if isinstance(person, Contact) else person)
        assert client.get(file_case(contact).get_absolute_url()).status_code == 404

    def test_colleague_gets_404_where_everybody_sees_only_their_own(self, as_user, contact, colleague, acme):
        case = file_case(contact)
        client = as_user(colleague.user)
        assert client.get(case.get_absolute_url()).status_code == 200
        acme.case_visibility = CaseVisibility.OWN
        acme.save()
        assert client.get(case.get_absolute_url()).status_code == 404

    def test_access_ends_at_once(self, as_user, contact):
        case = file_case(contact)
        client = as_user(contact.user)
        Contact.objects.update(ended_at=timezone.now(), is_authorized=False, is_account_admin=False)
        assert client.get(case.get_absolute_url()).status_code == 404
        assert client.post(f"{case.get_absolute_url()}reply/", reply_form()).status_code == 404

    def test_csm_reads_and_changes_nothing(self, as_user, csm, contact):
        case = file_case(contact)
        client = as_user(csm)
        page = text(client.get(case.get_absolute_url()))
        assert case.subject in page
        assert "Send reply" not in page
        assert client.post(f"{case.get_absolute_url()}reply/", reply_form()).status_code == 403
        assert client.post(f"{case.get_absolute_url()}status/", {"to": "solved"}).status_code == 403
        assert client.get(f"{case.get_absolute_url()}edit/").status_code == 403

    def test_engineer_is_led_to_the_desk(self, as_user, engineer, contact):
        case = file_case(contact)
        assert as_user(engineer).get(case.get_absolute_url()).url == f"/desk/{case.number}/"

    def test_anonymous_visitor_signs_in_and_comes_back(self, client, contact):
        case = file_case(contact)
        assert client.get(case.get_absolute_url()).url == f"/accounts/login/?next=/cases/{case.number}/"

    @pytest.mark.parametrize("number", ["CS-999999", "CS-1", "CS-0000001", "CS-999999999999999999", "17"])
    def test_number_that_is_no_case_gets_404(self, as_user, contact, number):
        assert as_user(contact.user).get(f"/cases/{number}/").status_code == 404

    def test_post_is_refused(self, as_user, contact):
        assert as_user(contact.user).post(file_case(contact).get_absolute_url()).status_code == 405

    def test_tampered_place_in_the_timeline_is_told_plainly(self, as_user, contact):
        response = as_user(contact.user).get(file_case(contact).get_absolute_url(), {"before": "x\0y"})
        assert response.status_code == 400


@pytest.mark.django_db
class TestTimeline:
    def test_what_happened_is_told_in_words(self, as_user, contact, engineer, other_engineer, manager):
        case = file_case(contact)
        desk.take(case_id=case.pk, actor=engineer)
        desk.assign(case_id=case.pk, owner=other_engineer, actor=manager)
        desk.set_priority(case_id=case.pk, priority=Priority.HIGH, reason="", actor=manager)
        move(case, engineer, Status.IN_PROGRESS)
        page = text(as_user(contact.user).get(case.get_absolute_url()))
        for words in (
            "<strong>Erik Lind</strong> took the case",
            "<strong>Maria Rossi</strong> gave the case to <strong>Mina Park</strong>",
            "changed the priority from <strong>Normal</strong> to <strong>High</strong>",
            "changed the status from <strong>New</strong> to <strong>In Progress</strong>",
        ):
            assert words in page

    def test_internal_note_and_its_file_never_show(self, as_user, contact, engineer):
        case = file_case(contact)
        upload = UploadFactory(owner=engineer, name="dump.log")
        workflow.reply(case_id=case.pk, actor=engineer, body="secret", internal=True, uploads=[upload.token])
        desk.set_priority(case_id=case.pk, priority=Priority.HIGH, reason="because-secret", actor=engineer)
        page = text(as_user(contact.user).get(case.get_absolute_url()))
        assert "secret" not in page
        assert "dump.log" not in page

    def test_name_with_markup_is_escaped(self, as_user, contact, engineer):
        engineer.display_name = "<script>alert(1)</script>"
        engineer.save()
        case = file_case(contact)
        desk.take(case_id=case.pk, actor=engineer)
        assert "<script>alert" not in text(as_user(contact.user).get(case.get_absolute_url()))

    def test_long_one_shows_the_latest_and_leads_to_earlier(self, as_user, contact, monkeypatch):
        monkeypatch.setattr("cases.views.reading.TIMELINE_SIZE", 3)
        case = file_case(contact)
        for number in range(5):
            workflow.reply(case_id=case.pk, actor=contact.user, body=f"Reply number {number}")
        client = as_user(contact.user)
        response = client.get(case.get_absolute_url())
        assert "Reply number 2" in text(response)
        assert "Reply number 1" not in text(response)
        earlier = case.get_absolute_url() + response.context["earlier_url"]
        page = text(client.get(earlier))
        assert "Reply number 0" in page
        assert "Show later" in page
        part = text(client.get(earlier, headers={"HX-Request": "true", "HX-Target": "earlier"}))
        assert "Reply number 1" in part
        assert "<html" not in part

    def test_entries_cost_no_queries(self, as_user, contact, engineer, django_assert_max_num_queries):
        case = file_case(contact)
        client = as_user(contact.user)

        def count(entries):
            while case.events.filter(kind=EventKind.COMMENTED).count() < entries:
                upload = UploadFactory(owner=engineer)
                workflow.reply(case_id=case.pk, actor=engineer, body="Hello", uploads=[upload.token])
                workflow.unfollow(case_id=case.pk, actor=engineer, user=contact.user)
                workflow.follow(case_id=case.pk, actor=engineer, user=contact.user)
            with django_assert_max_num_queries(16) as captured:
                assert client.get(case.get_absolute_url()).status_code == 200
            return len(captured)

        assert count(2) == count(20)


@pytest.mark.django_db
class TestReply:
    def test_reply_stands_in_the_timeline(self, as_user, contact):
        case = file_case(contact)
        upload = UploadFactory(owner=contact.user, name="agent.log")
        client = as_user(contact.user)
        response = client.post(f"{case.get_absolute_url()}reply/", reply_form(uploads=[upload.token]))
        comment = Comment.objects.get()
        assert response.url == f"/cases/{case.number}/#comment-{comment.pk}"
        page = text(client.get(case.get_absolute_url()))
        assert "It still fails." in page
        assert "agent.log" in page

    def test_reply_brings_a_waiting_case_back(self, as_user, contact, engineer):
        case = move(file_case(contact), engineer, Status.IN_PROGRESS, Status.WAITING)
        as_user(contact.user).post(f"{case.get_absolute_url()}reply/", reply_form())
        case.refresh_from_db()
        assert case.status == Status.IN_PROGRESS

    def test_reply_reopens_within_the_days(self, as_user, contact, engineer):
        case = move(file_case(contact), engineer, Status.SOLVED, Status.CLOSED)
        client = as_user(contact.user)
        assert "A reply reopens it" in text(client.get(case.get_absolute_url()))
        client.post(f"{case.get_absolute_url()}reply/", reply_form())
        case.refresh_from_db()
        assert case.status == Status.IN_PROGRESS

    def test_later_reply_makes_a_linked_follow_up(self, as_user, contact, engineer):
        case = file_case(contact)
        close_long_ago(case, engineer)
        client = as_user(contact.user)
        page = text(client.get(case.get_absolute_url()))
        assert "Create follow-up case" in page
        assert "Reopen" not in page
        form = reply_form()
        first = client.post(f"{case.get_absolute_url()}reply/", form)
        follow_up = Case.objects.get(follow_up_of=case)
        assert first.url == f"/cases/{follow_up.number}/filed/"
        assert client.post(f"{case.get_absolute_url()}reply/", form).url == first.url
        assert follow_up.number in text(client.get(case.get_absolute_url()))
        assert case.number in text(client.get(follow_up.get_absolute_url()))

    def test_same_form_twice_is_one_reply(self, as_user, contact):
        case = file_case(contact)
        upload = UploadFactory(owner=contact.user)
        form = reply_form(uploads=[upload.token])
        client = as_user(contact.user)
        assert (
            client.post(f"{case.get_absolute_url()}reply/", form).url
            == client.post(f"{case.get_absolute_url()}reply/", form).url
        )
        assert Comment.objects.count() == 1

    def test_token_of_another_persons_reply_is_told_and_keeps_the_text(self, as_user, contact, colleague):
        case = file_case(contact)
        form = reply_form()
        as_user(colleague.user).post(f"{case.get_absolute_url()}reply/", form)
        response = as_user(contact.user).post(f"{case.get_absolute_url()}reply/", form | {"body": "kept words"})
        assert response.status_code == 422
        assert "kept words" in text(response)

    def test_file_alone_is_a_reply(self, as_user, contact):
        case = file_case(contact)
        upload = UploadFactory(owner=contact.user)
        as_user(contact.user).post(f"{case.get_absolute_url()}reply/", reply_form(body="", uploads=[upload.token]))
        assert CaseAttachment.objects.get().upload == upload

    @pytest.mark.parametrize(
        "wrong",
        [{"body": ""}, {"body": "x" * 50_001}, {"body": "a\0b"}, {"submission_token": "no"}, {"uploads": ["x" * 22]}],
    )
    def test_wrong_reply_comes_back_with_what_was_written(self, as_user, contact, wrong):
        case = file_case(contact)
        response = as_user(contact.user).post(f"{case.get_absolute_url()}reply/", reply_form() | wrong)
        assert response.status_code == 422
        assert response.context["reply_form"].errors
        assert not Comment.objects.exists()

    def test_stranger_gets_404(self, as_user, contact, stranger):
        case = file_case(contact)
        assert as_user(stranger.user).post(f"{case.get_absolute_url()}reply/", reply_form()).status_code == 404

    def test_get_is_refused(self, as_user, contact):
        assert as_user(contact.user).get(f"{file_case(contact).get_absolute_url()}reply/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_eight_replies_of_one_form_at_once_are_one(contact):
    case = file_case(contact)
    form = reply_form(uploads=[UploadFactory(owner=contact.user).token])
    barrier = threading.Barrier(8)
    statuses = []
    clients = [Client() for _ in range(8)]
    for client in clients:
        client.force_login(contact.user)

    def send(client: Client) -> None:
        barrier.wait()
        try:
            statuses.append(client.post(f"{case.get_absolute_url()}reply/", form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [302] * 8
    assert Comment.objects.count() == 1
    assert CaseAttachment.objects.count() == 1


@pytest.mark.django_db
class TestMove:
    def test_contact_marks_as_solved_closes_and_reopens(self, as_user, contact):
        case = file_case(contact)
        client = as_user(contact.user)
        for to in (Status.SOLVED, Status.CLOSED, Status.IN_PROGRESS):
            assert client.post(f"{case.get_absolute_url()}status/", {"to": to.value}).status_code == 302
            case.refresh_from_db()
            assert case.status == to

    @pytest.mark.parametrize("to", [Status.WAITING, Status.ON_HOLD, Status.CLOSED, Status.IN_PROGRESS])
    def test_move_that_is_not_theirs_is_refused(self, as_user, contact, to):
        case = file_case(contact)
        assert as_user(contact.user).post(f"{case.get_absolute_url()}status/", {"to": to.value}).status_code == 403

    def test_case_that_changed_meanwhile_stays_and_the_person_is_told(self, as_user, contact, engineer):
        case = file_case(contact)
        seen = case.version
        workflow.reply(case_id=case.pk, actor=engineer, body="Try this.")
        response = as_user(contact.user).post(
            f"{case.get_absolute_url()}status/", {"to": "solved", "version": seen}, follow=True
        )
        assert "changed while you were reading" in text(response)
        case.refresh_from_db()
        assert case.status == Status.NEW

    @pytest.mark.parametrize("sent", [{}, {"to": "lost"}, {"to": "a\0b"}, {"to": "solved", "version": "9" * 30}])
    def test_nonsense_gets_400(self, as_user, contact, sent):
        assert as_user(contact.user).post(f"{file_case(contact).get_absolute_url()}status/", sent).status_code == 400

    def test_stranger_gets_404(self, as_user, contact, stranger):
        case = file_case(contact)
        assert as_user(stranger.user).post(f"{case.get_absolute_url()}status/", {"to": "solved"}).status_code == 404

    def test_get_is_refused(self, as_user, contact):
        assert as_user(contact.user).get(f"{file_case(contact).get_absolute_url()}status/").status_code == 405


@pytest.mark.django_db
class TestEdit:
    def form(self, case, **changes):
        return {
            "subject": "Orders stop",
            "description": "New words",
            "product": case.product_id,
            "environment": Environment.STAGING,
            "endpoints": "sap",
            "version": case.version,
            **changes,
        }

    def test_contact_corrects_their_case(self, as_user, contact):
        case = file_case(contact)
        client = as_user(contact.user)
        assert case.subject in text(client.get(f"{case.get_absolute_url()}edit/"))
        client.post(f"{case.get_absolute_url()}edit/", self.form(case))
        case.refresh_from_db()
        assert (case.subject, case.environment, case.endpoints) == ("Orders stop", Environment.STAGING, "sap")
        assert "the description" in text(client.get(case.get_absolute_url()))

    def test_what_a_colleague_changed_is_shown_and_nothing_is_lost(self, as_user, contact):
        case = file_case(contact)
        client = as_user(contact.user)
        form = self.form(case)
        client.post(f"{case.get_absolute_url()}edit/", self.form(case, subject="Theirs was quicker"))
        response = client.post(f"{case.get_absolute_url()}edit/", form | {"description": "My words"})
        assert response.status_code == 409
        assert "Theirs was quicker" in text(response)
        assert "My words" in text(response)
        case.refresh_from_db()
        assert case.subject == "Theirs was quicker"
        client.post(f"{case.get_absolute_url()}edit/", form | {"version": response.context["form"]["version"].value()})
        case.refresh_from_db()
        assert case.subject == "Orders stop"

    @pytest.mark.parametrize(
        "wrong",
        [{"subject": ""}, {"subject": "x" * 201}, {"description": "a\0b"}, {"version": "x"}, {"product": "0"}],
    )
    def test_wrong_field_comes_back_with_the_rest(self, as_user, contact, wrong):
        case = file_case(contact)
        response = as_user(contact.user).post(f"{case.get_absolute_url()}edit/", self.form(case) | wrong)
        assert response.status_code == 422
        assert set(response.context["form"].errors) == set(wrong)

    def test_colleague_who_did_not_file_it_is_refused(self, as_user, contact, colleague):
        assert as_user(colleague.user).get(f"{file_case(contact).get_absolute_url()}edit/").status_code == 403

    def test_closed_case_is_not_edited(self, as_user, contact, engineer):
        case = move(file_case(contact), engineer, Status.SOLVED, Status.CLOSED)
        assert as_user(contact.user).post(f"{case.get_absolute_url()}edit/", self.form(case)).status_code == 403

    def test_stranger_gets_404(self, as_user, contact, stranger):
        assert as_user(stranger.user).get(f"{file_case(contact).get_absolute_url()}edit/").status_code == 404

    def test_other_verbs_are_refused(self, as_user, contact):
        assert as_user(contact.user).delete(f"{file_case(contact).get_absolute_url()}edit/").status_code == 405


@pytest.mark.django_db
class TestVerify:
    @pytest.mark.parametrize("role", ["contact", "csm"])
    def test_admin_and_csm_confirm(self, as_user, request, colleague, role):
        case = file_case(colleague)
        person = request.getfixturevalue(role)
        client = as_user(person.user if isinstance(person, Contact) else person)
        assert "Please verify this case" in text(client.get(case.get_absolute_url()))
        client.post(f"{case.get_absolute_url()}verification/", {"decision": "confirm"})
        case.refresh_from_db()
        assert case.verification == Verification.CONFIRMED

    def test_refused_case_is_closed(self, as_user, csm, colleague):
        case = file_case(colleague)
        as_user(csm).post(f"{case.get_absolute_url()}verification/", {"decision": "refuse"})
        case.refresh_from_db()
        assert (case.verification, case.status) == (Verification.REFUSED, Status.CLOSED)
        assert "was not accepted" in text(as_user(colleague.user).get(case.get_absolute_url()))

    def test_production_down_is_not_refused(self, as_user, csm, colleague):
        case = file_case(colleague, subject="Production Down")
        response = as_user(csm).post(f"{case.get_absolute_url()}verification/", {"decision": "refuse"}, follow=True)
        assert "never held up" in text(response)
        case.refresh_from_db()
        assert case.status == Status.NEW

    def test_nobody_verifies_their_own(self, as_user, colleague):
        case = file_case(colleague)
        client = as_user(colleague.user)
        assert "Please verify this case" not in text(client.get(case.get_absolute_url()))
        assert client.post(f"{case.get_absolute_url()}verification/", {"decision": "confirm"}).status_code == 403

    def test_stranger_gets_404(self, as_user, colleague, stranger):
        url = f"{file_case(colleague).get_absolute_url()}verification/"
        assert as_user(stranger.user).post(url, {"decision": "confirm"}).status_code == 404

    @pytest.mark.parametrize("sent", [{}, {"decision": "perhaps"}, {"decision": "a\0"}])
    def test_nonsense_gets_400(self, as_user, csm, colleague, sent):
        assert as_user(csm).post(f"{file_case(colleague).get_absolute_url()}verification/", sent).status_code == 400

    def test_get_is_refused(self, as_user, csm, colleague):
        assert as_user(csm).get(f"{file_case(colleague).get_absolute_url()}verification/").status_code == 405


@pytest.mark.django_db
class TestFollowers:
    def test_colleague_is_added_and_removed(self, as_user, contact, colleague):
        case = file_case(contact)
        client = as_user(contact.user)
        assert "Sam Whitfield" in text(client.get(case.get_absolute_url()))
        client.post(f"{case.get_absolute_url()}followers/", {"user": colleague.user_id})
        assert case.followers.get().user == colleague.user
        client.post(f"{case.get_absolute_url()}followers/remove/", {"user": colleague.user_id})
        assert not case.followers.exists()

    def test_colleague_follows_by_themselves(self, as_user, contact, colleague):
        case = file_case(contact)
        client = as_user(colleague.user)
        assert "Follow this case" in text(client.get(case.get_absolute_url()))
        client.post(f"{case.get_absolute_url()}followers/", {"user": colleague.user_id})
        assert "Follow this case" not in text(client.get(case.get_absolute_url()))

    def test_only_who_may_see_the_case_is_offered(self, as_user, contact, colleague, acme, stranger, engineer):
        acme.case_visibility = CaseVisibility.OWN
        acme.save()
        case = file_case(contact)
        client = as_user(contact.user)
        assert "Sam Whitfield" not in text(client.get(case.get_absolute_url()))
        for person in (colleague.user, stranger.user, engineer):
            response = client.post(f"{case.get_absolute_url()}followers/", {"user": person.pk})
            assert response.status_code == 400
        assert not case.followers.exists()

    def test_followers_of_the_support_team_are_not_shown(self, as_user, contact, engineer):
        case = file_case(contact)
        workflow.follow(case_id=case.pk, actor=engineer, user=engineer)
        assert "Erik Lind" not in text(as_user(contact.user).get(case.get_absolute_url()))

    @pytest.mark.parametrize("act", ["followers/", "followers/remove/"])
    def test_stranger_gets_404_get_is_refused_and_nonsense_is_400(self, as_user, contact, stranger, act):
        url = file_case(contact).get_absolute_url() + act
        assert as_user(stranger.user).post(url, {"user": stranger.user_id}).status_code == 404
        assert as_user(contact.user).get(url).status_code == 405
        assert as_user(contact.user).post(url, {"user": "9" * 30}).status_code == 400
        assert as_user(contact.user).post(url, {"user": "\0"}).status_code == 400

    @pytest.mark.parametrize("act", ["followers/", "followers/remove/"])
    def test_csm_changes_no_followers(self, as_user, csm, contact, act):
        url = file_case(contact).get_absolute_url() + act
        assert as_user(csm).post(url, {"user": contact.user_id}).status_code == 403


@pytest.mark.django_db
class TestBeside:
    def test_hotline_is_shown_where_the_plan_has_it(self, as_user, contact):
        page = text(as_user(contact.user).get(file_case(contact).get_absolute_url()))
        assert "+1 800 555 0142" in page
        assert "ask to escalate" in page

    def test_csm_is_named_where_there_is_no_hotline(self, as_user, stranger):
        page = text(as_user(stranger.user).get(file_case(stranger).get_absolute_url()))
        assert "Carla Mendes" in page
        assert "hotline" not in page

    def test_relative_that_the_person_may_not_see_is_not_linked(self, as_user, contact, colleague, acme, engineer):
        acme.case_visibility = CaseVisibility.OWN
        acme.save()
        case = file_case(contact, subject="The admin's secret")
        follow_up = file_case(colleague)
        Case.objects.filter(pk=follow_up.pk).update(follow_up_of=case)
        page = text(as_user(colleague.user).get(follow_up.get_absolute_url()))
        assert "secret" not in page


@pytest.mark.django_db
class TestAttachment:
    def attached(self, contact, engineer, *, internal=False):
        case = file_case(contact)
        upload = UploadFactory(owner=engineer, name="agent log.txt")
        workflow.reply(case_id=case.pk, actor=engineer, body="Here", uploads=[upload.token], internal=internal)
        return f"{case.get_absolute_url()}files/{upload.token}/agent%20log.txt", upload

    def test_contact_downloads_it_as_an_attachment(self, as_user, contact, engineer):
        url, upload = self.attached(contact, engineer)
        response = as_user(contact.user).get(url)
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert b"".join(response.streaming_content) == upload.file.read()

    def test_head_is_answered_and_post_refused(self, as_user, contact, engineer):
        url, _upload = self.attached(contact, engineer)
        assert as_user(contact.user).head(url).status_code == 200
        assert as_user(contact.user).post(url).status_code == 405

    @pytest.mark.parametrize("role", ["stranger", "member", "operator"])
    def test_others_get_404(self, as_user, request, contact, engineer, role):
        url, _upload = self.attached(contact, engineer)
        person = request.getfixturevalue(role)
        assert as_user(person.user if isinstance(person, Contact) else person).get(url).status_code == 404

    def test_file_of_an_internal_note_is_for_the_desk(self, as_user, contact, csm, engineer):
        url, _upload = self.attached(contact, engineer, internal=True)
        assert as_user(contact.user).get(url).status_code == 404
        assert as_user(csm).get(url).status_code == 404
        assert as_user(engineer).get(url).status_code == 200

    def test_file_is_not_reached_through_ones_own_case(self, as_user, contact, engineer, stranger):
        _url, upload = self.attached(contact, engineer)
        mine = file_case(stranger)
        assert as_user(stranger.user).get(f"{mine.get_absolute_url()}files/{upload.token}/x").status_code == 404

    def test_staged_file_is_no_attachment(self, as_user, contact):
        upload = UploadFactory(owner=contact.user)
        case = file_case(contact)
        assert as_user(contact.user).get(f"{case.get_absolute_url()}files/{upload.token}/x").status_code == 404

    @pytest.mark.parametrize("token", ["%00", "x" * 500, "..%2f..%2fetc", "%F0%9F%98%80"])
    def test_nonsense_gets_404(self, as_user, contact, token):
        case = file_case(contact)
        assert as_user(contact.user).get(f"{case.get_absolute_url()}files/{token}/x").status_code == 404

    def test_anonymous_visitor_signs_in(self, client, contact, engineer):
        url, _upload = self.attached(contact, engineer)
        assert client.get(url).status_code == 302


@pytest.mark.django_db
def test_contact_of_two_accounts_sees_the_cases_of_both(as_user, contact, stranger):
    second = ContactFactory(account=stranger.account, user=contact.user)
    client = as_user(contact.user)
    for membership in (contact, second, stranger):
        assert client.get(file_case(membership).get_absolute_url()).status_code == 200
