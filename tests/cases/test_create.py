import threading
import uuid
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client

from cases.constants import Priority, Verification
from cases.models import Alert, Case, CaseAttachment
from files.models import Upload
from tests.factories.accounts import ContactFactory, ProductFactory
from tests.factories.files import PNG, UploadFactory

URL = "/cases/new/"


def filled(**changes):
    return {
        "product": ProductFactory().pk,
        "subject": "Orders stop syncing to NetSuite",
        "description": "Since this morning **no** order arrives.",
        "severity": "s2",
        "environment": "production",
        "endpoints": "netsuite-prod",
        "contact_phone": "+1 555 0100",
        "submission_token": str(uuid.uuid4()),
        **changes,
    }


@pytest.mark.django_db
class TestForm:
    def test_labels_are_what_people_are_told(self, as_user, contact):
        page = as_user(contact.user).get(URL).content.decode()
        for label in ("Product", "Subject", "Description", "Severity", "Environment", "Endpoints", "Contact phone"):
            assert label in page
        assert "Create case" in page

    def test_account_is_asked_for_only_when_there_are_several(self, as_user, contact, stranger):
        client = as_user(contact.user)
        assert 'name="account"' not in client.get(URL).content.decode()
        ContactFactory(account=stranger.account, user=contact.user)
        page = as_user(contact.user).get(URL).content.decode()
        assert 'name="account"' in page
        assert "Globex" in page

    def test_address_fills_subject_and_product(self, as_user, contact):
        product = ProductFactory(code="api-gateway", name="API Gateway")
        response = as_user(contact.user).get(URL, {"subject": "Token\nexpired", "product": "api-gateway"})
        assert response.context["form"].initial == {"subject": "Token expired", "product": product}

    def test_odd_prefill_is_left_out(self, as_user, contact):
        response = as_user(contact.user).get(URL, {"subject": "\0" * 5, "product": "no\0such"})
        assert response.status_code == 200
        assert response.context["form"].initial == {}

    def test_product_that_is_no_longer_offered_is_refused(self, as_user, contact):
        product = ProductFactory(code="old", is_active=False)
        response = as_user(contact.user).post(URL, filled(product=product.pk))
        assert response.status_code == 422
        assert "product" in response.context["form"].errors

    def test_unauthorized_contact_is_told_of_the_verification(self, as_user, colleague):
        assert "will be verified" in as_user(colleague.user).get(URL).content.decode()

    def test_authorized_contact_is_not_bothered_with_it(self, as_user, contact):
        assert "will be verified" not in as_user(contact.user).get(URL).content.decode()

    def test_anonymous_visitor_signs_in_and_comes_back(self, client):
        response = client.get(URL)
        assert response.status_code == 302
        assert response.url == "/accounts/login/?next=/cases/new/"

    def test_other_verbs_are_refused(self, as_user, contact):
        assert as_user(contact.user).put(URL).status_code == 405


@pytest.mark.django_db
class TestFiling:
    def test_case_is_filed_and_confirmed(self, as_user, contact):
        client = as_user(contact.user)
        response = client.post(URL, filled())
        case = Case.objects.get()
        assert response.status_code == 302
        assert response.url == f"/cases/{case.number}/filed/"
        assert (case.contact, case.subject) == (contact, "Orders stop syncing to NetSuite")
        assert "<strong>no</strong>" in case.description_html
        assert case.verification == Verification.NOT_NEEDED
        page = client.get(response.url).content.decode()
        assert case.number in page
        assert "2 hours, day or night" in page

    def test_case_of_unauthorized_contact_waits_for_verification(self, as_user, colleague):
        response = as_user(colleague.user).post(URL, filled(), follow=True)
        assert Case.objects.get().verification == Verification.PENDING
        assert "confirms the case first" in response.content.decode()

    def test_chosen_account_is_the_cases(self, as_user, contact, stranger):
        second = ContactFactory(account=stranger.account, user=contact.user)
        as_user(contact.user).post(URL, filled(account=stranger.account_id))
        assert Case.objects.get().contact == second

    def test_foreign_account_is_refused(self, as_user, contact, stranger, initech):
        ContactFactory(account=stranger.account, user=contact.user)
        response = as_user(contact.user).post(URL, filled(account=initech.pk))
        assert response.status_code == 422
        assert not Case.objects.exists()

    def test_production_down_is_urgent_and_alerts(self, as_user, contact):
        as_user(contact.user).post(URL, filled(subject="PRODUCTION-DOWN: orders", severity="s4"))
        case = Case.objects.get()
        assert case.priority == Priority.URGENT
        assert Alert.objects.filter(case=case).count() == 1

    def test_production_down_is_promised_no_slower_answer_than_the_alert(self, as_user, contact):
        page = as_user(contact.user).post(URL, filled(subject="Production Down", severity="s4"), follow=True)
        assert "being alerted now" in page.content.decode()
        assert "promises a first answer" not in page.content.decode()

    def test_subject_becomes_one_line(self, as_user, contact):
        as_user(contact.user).post(URL, filled(subject="Orders\r\nBcc: everybody@example.com\u2028stop"))
        assert Case.objects.get().subject == "Orders Bcc: everybody@example.com stop"


@pytest.mark.django_db
class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("subject", ""),
            ("subject", "\u200b"),
            ("subject", "x" * 201),
            ("subject", "null\0byte"),
            ("subject", "x" * 10_000_000),
            ("description", ""),
            ("description", "x" * 50_001),
            ("description", "null\0byte"),
            ("severity", "s9"),
            ("environment", "moon"),
            ("endpoints", "x" * 2001),
            ("contact_phone", "call me"),
            ("product", "999999999999999999999"),
            ("product", "no\0thing"),
            ("submission_token", "not-a-token"),
            ("submission_token", ""),
        ],
    )
    def test_wrong_field_is_named_and_nothing_typed_is_lost(self, as_user, contact, field, value):
        response = as_user(contact.user).post(URL, filled(endpoints="kept-endpoint") | {field: value})
        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert not Case.objects.exists()
        if field != "endpoints":
            assert "kept-endpoint" in response.content.decode()

    def test_body_over_the_limit_is_refused(self, as_user, contact):
        response = as_user(contact.user).post(URL, filled(subject="x" * 13_000_000))
        assert response.status_code in (400, 413)
        assert not Case.objects.exists()

    def test_deeply_nested_markdown_is_rendered_all_the_same(self, as_user, contact):
        response = as_user(contact.user).post(URL, filled(description="> " * 20_000 + "[" * 5000))
        assert response.status_code == 302


@pytest.mark.django_db
class TestFiles:
    def test_file_goes_with_the_case(self, as_user, contact):
        file = BytesIO(PNG)
        file.name = "screen.png"
        as_user(contact.user).post(URL, filled(files=[file]))
        attachment = CaseAttachment.objects.select_related("upload").get()
        assert attachment.upload.name == "screen.png"
        assert not attachment.is_internal

    def test_staged_file_goes_with_the_case(self, as_user, contact):
        upload = UploadFactory(owner=contact.user)
        as_user(contact.user).post(URL, filled(uploads=[upload.token]))
        assert CaseAttachment.objects.get().upload == upload

    def test_chosen_file_survives_an_error(self, as_user, contact):
        file = BytesIO(PNG)
        file.name = "screen.png"
        response = as_user(contact.user).post(URL, filled(subject="", files=[file]))
        upload = Upload.objects.get()
        assert response.status_code == 422
        assert upload.token in response.content.decode()
        as_user(contact.user).post(URL, filled(uploads=[upload.token]))
        assert CaseAttachment.objects.get().upload == upload

    def test_program_under_an_image_name_is_refused_with_a_reason(self, as_user, contact):
        file = BytesIO(b"MZ\x90\x00")
        file.name = "../../screen.png"
        response = as_user(contact.user).post(URL, filled(files=[file]))
        assert response.status_code == 422
        assert "Programs and scripts" in response.content.decode()
        assert not Case.objects.exists()

    def test_another_persons_file_is_refused(self, as_user, contact):
        response = as_user(contact.user).post(URL, filled(uploads=[UploadFactory().token]))
        assert response.status_code == 422
        assert not Case.objects.exists()


@pytest.mark.django_db
class TestTwice:
    def test_second_submission_leads_to_the_first_case(self, as_user, contact):
        upload = UploadFactory(owner=contact.user)
        form = filled(uploads=[upload.token])
        client = as_user(contact.user)
        assert client.post(URL, form).url == client.post(URL, form).url
        assert Case.objects.count() == 1

    def test_token_of_another_persons_case_files_nothing_and_asks_again(self, as_user, contact, stranger):
        form = filled()
        as_user(stranger.user).post(URL, form)
        response = as_user(contact.user).post(URL, form)
        assert response.status_code == 422
        assert Case.objects.count() == 1
        assert form["submission_token"] not in response.content.decode()

    def test_token_for_another_account_leads_to_the_first_case(self, as_user, contact, stranger):
        ContactFactory(account=stranger.account, user=contact.user)
        form = filled(account=contact.account_id)
        client = as_user(contact.user)
        first = client.post(URL, form).url
        assert client.post(URL, form | {"account": stranger.account_id}).url == first
        assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_file_one_case(contact):
    upload = UploadFactory(owner=contact.user)
    form = filled(uploads=[upload.token])
    barrier = threading.Barrier(8)
    addresses = []
    clients = [Client() for _ in range(8)]
    for client in clients:
        client.force_login(contact.user)

    def send(client: Client) -> None:
        barrier.wait()
        try:
            addresses.append(client.post(URL, form).headers.get("Location"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case = Case.objects.get()
    assert addresses == [f"/cases/{case.number}/filed/"] * 8
    assert CaseAttachment.objects.count() == 1


@pytest.mark.django_db
class TestOtherWays:
    def test_partner_customer_is_sent_to_the_partner(self, as_user, partner_contact):
        response = as_user(partner_contact.user).get(URL)
        page = response.content.decode()
        assert response.status_code == 200
        assert "https://support.bmc.example/" in page
        assert "Create case" not in page

    def test_partner_customer_cannot_file(self, as_user, partner_contact):
        assert as_user(partner_contact.user).post(URL, filled()).status_code == 403
        assert not Case.objects.exists()

    def test_contact_of_both_files_for_the_direct_account(self, as_user, partner_contact, contact):
        ContactFactory(account=contact.account, user=partner_contact.user)
        client = as_user(partner_contact.user)
        page = client.get(URL).content.decode()
        assert "https://support.bmc.example/" in page
        client.post(URL, filled())
        assert Case.objects.get().account == contact.account

    def test_member_learns_how_to_become_a_contact(self, as_user, member):
        response = as_user(member).get(URL)
        assert response.status_code == 200
        assert "/account/join/" in response.content.decode()

    @pytest.mark.parametrize("role", ["member", "csm", "moderator", "operator"])
    def test_who_is_no_contact_cannot_file(self, as_user, request, role):
        assert as_user(request.getfixturevalue(role)).post(URL, filled()).status_code == 403

    def test_engineer_is_led_to_the_desk(self, as_user, engineer):
        assert as_user(engineer).get(URL).url == "/desk/"

    def test_ended_contact_cannot_file(self, as_user, contact):
        client = as_user(contact.user)
        type(contact).objects.filter(pk=contact.pk).update(
            ended_at="2026-01-01T00:00Z", is_authorized=False, is_account_admin=False
        )
        assert client.post(URL, filled()).status_code == 403


@pytest.mark.django_db
class TestPreview:
    def test_markdown_is_rendered(self, as_user, contact):
        response = as_user(contact.user).post("/cases/preview/", {"text": "**bold** <script>x</script>"})
        assert "<strong>bold</strong>" in response.content.decode()
        assert "<script>" not in response.content.decode()

    def test_empty_text_has_an_empty_state(self, as_user, contact):
        assert "Nothing to show" in as_user(contact.user).post("/cases/preview/", {}).content.decode()

    def test_get_is_refused(self, as_user, contact):
        assert as_user(contact.user).get("/cases/preview/").status_code == 405

    def test_enter_in_a_field_files_the_case_and_previews_nothing(self, as_user, contact):
        form = as_user(contact.user).get(URL).content.decode().partition("data-case-form")[2]
        first = form[form.index('type="submit"') :].partition(">")[0]
        assert "preview" not in first

    def test_without_javascript_the_form_shows_it_and_keeps_everything(self, as_user, contact):
        response = as_user(contact.user).post(URL, filled(subject="", preview="1"))
        page = response.content.decode()
        assert response.status_code == 200
        assert "<strong>no</strong>" in page
        assert "netsuite-prod" in page
        assert "not sent yet" not in page
        assert not Case.objects.exists()


@pytest.mark.django_db
class TestSubjectCheck:
    URL = "/cases/subject-check/"

    def test_phrase_lists_what_to_include(self, as_user, contact):
        page = as_user(contact.user).post(self.URL, {"subject": "production  DOWN"}).content.decode()
        for what in ("contact details", "product", "endpoints", "impact"):
            assert what in page

    @pytest.mark.parametrize(
        "sent", [{"subject": "Production is down"}, {"subject": "Help", "description": "our production down again"}]
    )
    def test_near_match_hints_at_the_phrase(self, as_user, contact, sent):
        page = as_user(contact.user).post(self.URL, sent).content.decode()
        assert "<strong>Production Down</strong>" in page
        assert "contact details" not in page

    def test_other_subject_gets_nothing(self, as_user, contact):
        assert as_user(contact.user).post(self.URL, {"subject": "Agent download fails"}).content.decode().strip() == ""

    def test_list_stands_in_the_form_that_comes_back(self, as_user, contact):
        page = as_user(contact.user).post(URL, filled(subject="Production Down", description="")).content.decode()
        assert "contact details" in page

    def test_huge_subject_is_answered(self, as_user, contact):
        assert as_user(contact.user).post(self.URL, {"subject": "x" * 5_000_000}).status_code == 200

    def test_anonymous_visitor_signs_in(self, client):
        assert client.post(self.URL, {"subject": "x"}).status_code == 302

    def test_get_is_refused(self, as_user, contact):
        assert as_user(contact.user).get(self.URL).status_code == 405


@pytest.mark.django_db
class TestFiled:
    def test_stranger_gets_404(self, as_user, contact, stranger):
        as_user(contact.user).post(URL, filled())
        assert as_user(stranger.user).get(f"/cases/{Case.objects.get().number}/filed/").status_code == 404

    def test_post_is_refused(self, as_user, contact):
        as_user(contact.user).post(URL, filled())
        assert as_user(contact.user).post(f"/cases/{Case.objects.get().number}/filed/").status_code == 405
