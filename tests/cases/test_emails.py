import pytest
from django.conf import settings

from cases import desk, oncall, presenting, verification, workflow
from cases.constants import Status
from cases.models import Alert, OnCallStep
from files.models import Upload
from notifications import kinds, rendering
from notifications.models import Channel, Delivery
from tests.factories.cases import file_case
from tests.factories.files import UploadFactory

pytestmark = pytest.mark.django_db


def mails(kind, user=None):
    found = Delivery.objects.filter(message__kind=kind, channel=Channel.MAIL).select_related("message", "user")
    return list((found.filter(user=user) if user else found).order_by("id"))


def rendered(kind, user=None):
    (delivery,) = mails(kind, user)
    return rendering.mail(kinds.get(kind), delivery)


def test_created_mail_holds_number_promise_and_link(contact):
    case = file_case(contact, severity="s1", description="It is **broken**.")
    mail = rendered("cases.created", contact.user)
    assert mail.subject == f"[{case.number}] {case.subject}"
    assert "30 minutes, day or night" in mail.text
    assert f"{settings.PORTAL_URL}/cases/{case.number}/" in mail.text
    assert "It is **broken**." in mail.text
    assert "<strong>broken</strong>" in mail.html


def test_created_mail_tells_of_the_verification(colleague):
    file_case(colleague)
    assert "confirms the case first" in rendered("cases.created").text


def test_hotline_is_told_only_on_plans_that_have_it(contact, stranger):
    file_case(contact)
    file_case(stranger)
    assert "+1 800 555 0142" in rendered("cases.created", contact.user).text
    assert "hotline" not in rendered("cases.created", stranger.user).text


def test_status_mail_says_what_changed_and_what_to_do(contact, engineer):
    case = file_case(contact)
    workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=engineer)
    mail = rendered("cases.status_changed")
    assert mail.subject == f"[{case.number}] In Progress: {case.subject}"
    assert "Status changed" in mail.text
    assert "Status changed" in mail.html
    assert "New -> In Progress" in mail.text
    assert "You need not do anything" in mail.text


def test_reply_that_moves_the_status_is_one_mail_with_its_text(contact, engineer):
    case = file_case(contact)
    workflow.change_status(case_id=case.pk, to=Status.IN_PROGRESS, actor=engineer)
    workflow.reply(case_id=case.pk, actor=engineer, body="Which version is it?", move_to=Status.WAITING)
    mail = rendering.mail(kinds.get("cases.status_changed"), mails("cases.status_changed")[-1])
    assert "Which version is it?" in mail.text
    assert "Please reply" in mail.text
    assert not mails("cases.public_reply")


def test_reply_mail_keeps_the_base_subject_and_names_the_files(contact, engineer):
    case = file_case(contact)
    upload = UploadFactory(owner=engineer, name="fix.log")
    workflow.reply(case_id=case.pk, actor=engineer, body="See <b>this</b>.", uploads=[upload.token])
    mail = rendered("cases.public_reply")
    assert mail.subject == f"Re: [{case.number}] {case.subject}"
    assert "See <b>this</b>." in mail.text
    assert "<b>this</b>" not in mail.html
    assert "fix.log" in mail.text
    assert upload.token not in mail.text + mail.html
    assert Upload.objects.get().state == Upload.State.ATTACHED


def test_mails_of_a_case_are_one_thread(contact, engineer):
    case = file_case(contact)
    workflow.reply(case_id=case.pk, actor=engineer, body="Hello")
    assert {delivery.message.thread for delivery in mails("cases.created") + mails("cases.public_reply")} == {
        f"case:{case.pk}"
    }


def test_internal_note_is_mailed_to_nobody(contact, engineer):
    case = file_case(contact)
    before = Delivery.objects.count()
    workflow.reply(case_id=case.pk, actor=engineer, body="secret", internal=True)
    assert Delivery.objects.count() == before


def test_new_owner_is_told_with_the_desks_address(contact, manager, engineer):
    case = file_case(contact)
    desk.assign(case_id=case.pk, owner=engineer, actor=manager)
    mail = rendered("cases.assigned")
    assert "Assigned to you" in mail.subject
    assert f"{settings.PORTAL_URL}/desk/{case.number}/" in mail.text


def test_taking_a_case_oneself_mails_nobody(contact, engineer):
    desk.take(case_id=file_case(contact).pk, actor=engineer)
    assert not mails("cases.assigned")


def test_verification_mails_reach_admin_and_csm_and_the_refusal_the_contact(contact, colleague, csm):
    case = file_case(colleague)
    asked = mails("cases.verification_needed")
    assert {delivery.user for delivery in asked} == {contact.user, csm}
    mail = rendering.mail(kinds.get("cases.verification_needed"), asked[0])
    assert "Sam Whitfield" in mail.text
    assert f"/cases/{case.number}/" in mail.text
    verification.refuse(case_id=case.pk, actor=csm)
    refusal = rendered("cases.verification_refused", colleague.user)
    assert "Not accepted" in refusal.subject
    assert "Carla Mendes" in refusal.text
    assert not mails("cases.status_changed")


def test_alert_mail_holds_phone_endpoints_and_the_way_to_acknowledge(contact, engineer):
    OnCallStep.objects.create(position=1, user=engineer)
    case = file_case(contact, subject="Production Down", contact_phone="+1 555 0100", endpoints="sap-prod")
    alert = Alert.objects.get(case=case)
    oncall.advance(alert_id=alert.pk)
    mail = rendered("cases.production_down")
    assert mail.subject == f"[{case.number}] PRODUCTION DOWN at Acme: Production Down"
    for text in (mail.text, mail.html):
        assert f"/desk/alerts/{alert.token}/" in text
        assert "+1 555 0100" in text
        assert "sap-prod" in text


def test_alert_mail_rendered_after_the_acknowledgement_says_so(contact, engineer, other_engineer):
    OnCallStep.objects.create(position=1, user=engineer)
    alert = Alert.objects.get(case=file_case(contact, subject="Production Down"))
    oncall.advance(alert_id=alert.pk)
    oncall.acknowledge(token=alert.token, actor=other_engineer)
    mail = rendered("cases.production_down")
    assert "Mina Park has acknowledged" in mail.text
    assert "/desk/alerts/" not in mail.html


@pytest.mark.parametrize("status", [status.value for status in Status if status != Status.NEW])
def test_every_status_says_what_is_next(status):
    assert presenting._next_step(status)


def test_subject_with_markup_is_escaped_in_html_and_plain_in_text(contact):
    file_case(contact, subject="<img src=x> & more")
    mail = rendered("cases.created")
    assert "<img src=x> & more" in mail.text
    assert "<img" not in mail.html
