"""A case and the incident that it is about: on Create Case, on the case, at the desk, in the ledger."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Product, User
from bridges import linking
from bridges.errors import BridgeError
from bridges.models import CaseIncident
from cases import workflow
from cases.constants import EventKind, Priority, Status
from cases.models import Alert, Case
from notifications import sending
from notifications.models import Channel, Delivery, Message
from status import hooks, incidents, maintenance
from status.changes import By, Said
from status.constants import ComponentStatus, Stage
from status.incidents import NewIncident
from status.models import Component, Incident
from tests.cast import SignedIn
from tests.factories.accounts import ContactFactory, ProductFactory
from tests.factories.cases import file_case
from tests.factories.status import (
    ComponentFactory,
    IncidentFactory,
    MaintenanceFactory,
    SubscriberFactory,
    UpdateFactory,
)

pytestmark = pytest.mark.django_db

NEW = "/cases/new/"
EXTRAS = "/cases/new/extras/"


@pytest.fixture
def product() -> Product:
    made: Product = ProductFactory(code="orders", name="Orders")
    return made


@pytest.fixture
def component(product: Product) -> Component:
    made: Component = ComponentFactory(name="Orders EU")
    made.products.add(product)
    return made


@pytest.fixture
def incident(component: Component, operator: User) -> Incident:
    return incidents.open_incident(
        by=By(operator),
        new=NewIncident("Orders are late", "We **look** into it.", components={component.pk: ComponentStatus.PARTIAL}),
    )


@pytest.fixture
def case(contact: Contact, product: Product) -> Case:
    return file_case(contact, product=product)


@pytest.fixture
def linked(case: Case, incident: Incident, engineer: User) -> Case:
    linking.link(case_id=case.pk, public_id=incident.public_id, actor=engineer)
    return case


def say(incident: Incident, status: str, body: str, operator: User | None = None, **options: Any) -> None:
    incidents.post_update(
        by=By(operator), public_id=incident.public_id, said=Said(status, body, components={}, **options)
    )


def filled(product: Product, incident: Incident | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "product": product.pk,
        "subject": "Orders stop syncing",
        "description": "Since this morning.",
        "severity": "s3",
        "environment": "production",
        "submission_token": str(uuid.uuid4()),
        **({"incident": incident.public_id} if incident else {}),
        **changes,
    }


def shown(client: Client, url: str, **query: Any) -> str:
    return client.get(url, query).content.decode()


def queries(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


# --- What is known, before a case is filed ----------------------------------------------------------------------


def test_what_goes_on_with_the_chosen_product_is_shown_first(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    client = as_user(contact.user)
    say(incident, Stage.IDENTIFIED, "A queue is **full**.")
    text = shown(client, EXTRAS, product=product.pk)
    assert "This affects me" in text
    assert "Orders are late" in text
    assert "A queue is <strong>full</strong>." in text
    assert "We <strong>look</strong>" not in text
    assert "Identified" in text
    assert "Orders EU" in text
    assert f"/status/incidents/{incident.public_id}/" in text
    assert "This affects me" in shown(client, NEW, product="orders")


@pytest.mark.parametrize(
    ("hours", "is_known"), [(-1, True), (1, True), (23, True), (25, False)], ids=["under-way", "soon", "day", "later"]
)
def test_maintenance_is_shown_from_a_day_before(
    contact: Contact, product: Product, component: Component, as_user: SignedIn, hours: int, is_known: bool
) -> None:
    stage = Stage.IN_PROGRESS if hours < 0 else Stage.SCHEDULED
    start = timezone.now() + timedelta(hours=hours)
    MaintenanceFactory(name="New disks", affecting=[component], status=stage, scheduled_for=start)
    assert ("New disks" in shown(as_user(contact.user), EXTRAS, product=product.pk)) is is_known


def test_what_is_over_a_draft_or_of_another_product_is_not_shown(
    contact: Contact, product: Product, component: Component, incident: Incident, operator: User, as_user: SignedIn
) -> None:
    client, other = as_user(contact.user), ProductFactory()
    IncidentFactory(name="A secret", affecting=[component], published_at=None)
    assert "A secret" not in shown(client, EXTRAS, product=product.pk)
    assert "This affects me" not in shown(client, EXTRAS, product=other.pk)
    say(incident, Stage.RESOLVED, "It is over.")
    assert "This affects me" not in shown(client, EXTRAS, product=product.pk)
    assert "This affects me" not in shown(client, NEW, product="orders")


def test_an_incident_on_several_components_is_shown_once(contact: Contact, product: Product, as_user: SignedIn) -> None:
    several = [ComponentFactory(), ComponentFactory()]
    for one in several:
        one.products.add(product)
    IncidentFactory(affecting=several)
    assert shown(as_user(contact.user), EXTRAS, product=product.pk).count("<article") == 1


@pytest.mark.parametrize(
    "product_id",
    ["", "x", "0", "-1", "9" * 40, "1\x002", "é" * 500],
    ids=["none", "word", "zero", "minus", "huge", "nul", "long"],
)
def test_odd_products_have_nothing_to_show(
    contact: Contact, incident: Incident, as_user: SignedIn, product_id: str
) -> None:
    response = as_user(contact.user).get(EXTRAS, {"product": product_id, "incident": "\x00" + "x" * 5000})
    assert (response.status_code, response.content.strip()) == (200, b"")


def test_only_who_may_file_asks(contact: Contact, member: User, partner_contact: Contact, as_user: SignedIn) -> None:
    assert Client().get(EXTRAS).status_code == 302
    for person in (member, partner_contact.user):
        assert as_user(person).get(EXTRAS).status_code == 403
    assert as_user(contact.user).post(EXTRAS).status_code == 405


def test_queries_are_the_same_for_one_incident_and_for_many(
    contact: Contact, product: Product, component: Component, incident: Incident, as_user: SignedIn
) -> None:
    client = as_user(contact.user)

    def ask() -> str:
        return shown(client, EXTRAS, product=product.pk)

    ask()
    one = queries(ask)
    for _number in range(6):
        UpdateFactory(incident=IncidentFactory(affecting=[component, ComponentFactory()]))
    assert ask().count("<article") == 7
    assert queries(ask) == one


# --- Filing -------------------------------------------------------------------------------------------------------


def test_a_case_is_filed_with_its_incident(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    client = as_user(contact.user)
    assert client.post(NEW, filled(product, incident)).status_code == 302
    row = CaseIncident.objects.get()
    assert (row.case, row.incident, row.linked_by) == (Case.objects.get(), incident, contact.user)
    event = row.case.events.get(kind=EventKind.INCIDENT_LINKED)
    assert (event.actor, event.data, event.is_internal) == (contact.user, {"incident": incident.pk}, False)


def test_a_case_about_something_else_has_no_incident(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    as_user(contact.user).post(NEW, filled(product, severity="s2") | {"incident": ""})
    assert Case.objects.count() == 1
    assert not CaseIncident.objects.exists()


@pytest.mark.parametrize(
    "odd", ["x", "a" * 12, "\x00" * 12, "Ä" * 12, "9" * 5000], ids=["short", "unknown", "nul", "letters", "long"]
)
def test_an_odd_choice_never_keeps_a_case_from_being_filed(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn, odd: str
) -> None:
    assert as_user(contact.user).post(NEW, filled(product) | {"incident": odd}).status_code == 302
    assert Case.objects.count() == 1
    assert not CaseIncident.objects.exists()


def test_drafts_and_incidents_of_other_products_are_not_linked(
    contact: Contact, product: Product, component: Component, as_user: SignedIn
) -> None:
    client = as_user(contact.user)
    for one in (IncidentFactory(affecting=[component], published_at=None), IncidentFactory()):
        client.post(NEW, filled(product, one))
    assert Case.objects.count() == 2
    assert not CaseIncident.objects.exists()


def test_an_incident_that_ended_meanwhile_is_linked_all_the_same(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    sent = filled(product, incident)
    say(incident, Stage.RESOLVED, "It is over.")
    as_user(contact.user).post(NEW, sent)
    assert CaseIncident.objects.get().incident == incident


def test_production_down_is_raised_as_ever(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    as_user(contact.user).post(NEW, filled(product, incident, subject="Production down: orders"))
    case = Case.objects.get()
    assert case.priority == Priority.URGENT
    assert Alert.objects.filter(case=case).count() == CaseIncident.objects.filter(case=case).count() == 1


def test_nobody_is_handed_the_words_that_wake_engineers(
    contact: Contact, product: Product, component: Component, as_user: SignedIn
) -> None:
    one = IncidentFactory(name="Production down in Europe", affecting=[component])
    response = as_user(contact.user).post(NEW, filled(product, one, subject=""))
    assert response.context["form"]["subject"].value() == ""
    assert not Case.objects.exists()


def test_empty_fields_are_filled_in_and_shown_before_the_case_is_sent(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    client = as_user(contact.user)
    sent = filled(product, incident, subject=" ", description="")
    response = client.post(NEW, sent)
    assert response.status_code == 422
    form = response.context["form"]
    assert form["subject"].value() == "Orders are late"
    assert f"/status/incidents/{incident.public_id}/" in form["description"].value()
    text = response.content.decode()
    assert "We have filled in what was empty" in text
    assert "The case is not sent yet" not in text
    assert not Case.objects.exists()
    client.post(NEW, {**sent, "subject": form["subject"].value(), "description": form["description"].value()})
    assert Case.objects.get().subject == "Orders are late"


def test_what_was_typed_and_chosen_is_kept(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    response = as_user(contact.user).post(NEW, filled(product, incident, subject="My own words", severity="s9"))
    assert response.status_code == 422
    assert response.context["form"]["subject"].value() == "My own words"
    (panel,) = response.context["panels"]
    assert [one.is_chosen for one in panel.context["known"]] == [True]
    assert "The case is not sent yet" in response.content.decode()


def test_without_scripts_a_button_looks_for_what_is_known(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    client = as_user(contact.user)
    response = client.post(NEW, filled(product, subject="", description="My words", check="1"))
    assert response.status_code == 200
    assert "This affects me" in response.content.decode()
    assert response.context["form"]["description"].value() == "My words"
    assert not response.context["form"].errors
    assert client.post(NEW, {"check": "1"}).status_code == 200
    assert not Case.objects.exists()


def test_the_same_form_twice_is_one_case_and_one_link(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    client, sent = as_user(contact.user), filled(product, incident)
    first, second = client.post(NEW, sent), client.post(NEW, sent)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == CaseIncident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_submissions_at_once_make_one_case_and_one_link(
    contact: Contact, product: Product, incident: Incident, as_user: SignedIn
) -> None:
    sent = filled(product, incident)
    clients = [as_user(contact.user), as_user(contact.user)]
    answers: list[str] = []
    start = threading.Barrier(2)

    def run(client: Client) -> None:
        try:
            start.wait()
            answers.append(client.post(NEW, sent)["Location"])
        finally:
            connections.close_all()

    _at_once([partial(run, client) for client in clients])
    assert len(set(answers)) == 1
    assert len(answers) == 2
    assert Case.objects.count() == CaseIncident.objects.count() == 1
    assert Case.objects.get().events.filter(kind=EventKind.INCIDENT_LINKED).count() == 1


def test_a_link_that_fails_takes_its_case_with_it(
    contact: Contact, product: Product, incident: Incident, monkeypatch: pytest.MonkeyPatch, as_user: SignedIn
) -> None:
    def fail(*_args: Any, **_options: Any) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(linking, "join", fail)
    with pytest.raises(RuntimeError):
        as_user(contact.user).post(NEW, filled(product, incident))
    assert not Case.objects.exists()


def _at_once(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- The customer's page ------------------------------------------------------------------------------------------


def test_the_case_shows_the_incidents_updates_newest_first(
    linked: Case, contact: Contact, colleague: Contact, incident: Incident, as_user: SignedIn
) -> None:
    say(incident, Stage.IDENTIFIED, "A queue is full.")
    say(incident, Stage.RESOLVED, "The queue is **empty**.")
    for person in (contact.user, colleague.user):
        text = shown(as_user(person), linked.get_absolute_url())
        assert text.index("The queue is <strong>empty") < text.index("A queue is full") < text.index("We <strong>look")
        assert "Resolved" in text
        assert f'<a href="/status/incidents/{incident.public_id}/">Orders are late</a>' in text
        assert "Erik Lind</strong> linked this case to the incident" in " ".join(text.split())
        assert "Unlink" not in text


def test_a_case_without_an_incident_shows_none(
    case: Case, incident: Incident, contact: Contact, as_user: SignedIn
) -> None:
    assert "System status</h2>" not in shown(as_user(contact.user), case.get_absolute_url())


def test_a_stranger_sees_nothing_of_it(
    linked: Case, incident: Incident, stranger: Contact, member: User, operator: User, as_user: SignedIn
) -> None:
    for person in (stranger.user, member, operator):
        client = as_user(person)
        assert client.get(linked.get_absolute_url()).status_code == 404
        assert client.get(reverse("bridges:cases_of_incident", args=[incident.public_id])).status_code == 404


def test_the_page_costs_the_same_for_one_update_and_for_many(
    linked: Case, contact: Contact, component: Component, incident: Incident, engineer: User, as_user: SignedIn
) -> None:
    client = as_user(contact.user)
    desk = as_user(engineer)
    pages = [lambda: shown(client, linked.get_absolute_url()), lambda: shown(desk, linked.get_desk_url())]
    for page in pages:
        page()
    before = [queries(page) for page in pages]
    for _number in range(4):
        other = IncidentFactory(affecting=[component])
        UpdateFactory.create_batch(3, incident=other)
        linking.link(case_id=linked.pk, public_id=other.public_id, actor=engineer)
    assert [queries(page) for page in pages] == before


# --- The desk -----------------------------------------------------------------------------------------------------


def test_an_engineer_links_and_unlinks(
    case: Case, incident: Incident, engineer: User, contact: Contact, as_user: SignedIn
) -> None:
    client = as_user(engineer)
    url = reverse("bridges:link_incident", args=[case.pk])
    assert url in shown(client, case.get_desk_url())
    assert "Orders are late" in shown(client, url)
    response = client.post(url, {"incident": incident.public_id})
    assert (response.status_code, response["Location"]) == (302, case.get_desk_url())
    assert "Orders are late" in shown(client, case.get_desk_url())
    assert "Orders are late" not in shown(client, url)
    remove = reverse("bridges:unlink_incident", args=[case.pk])
    for _twice in range(2):
        assert client.post(remove, {"incident": incident.public_id}).status_code == 302
    assert not CaseIncident.objects.exists()
    kinds = list(case.events.values_list("kind", "data", "actor"))[1:]
    assert kinds == [
        (EventKind.INCIDENT_LINKED, {"incident": incident.pk}, engineer.pk),
        (EventKind.INCIDENT_UNLINKED, {"incident": incident.pk}, engineer.pk),
    ]
    text = " ".join(shown(as_user(contact.user), case.get_absolute_url()).split())
    assert "Erik Lind</strong> ended this case's link to the incident" in text


def test_linking_twice_is_linking_once(linked: Case, incident: Incident, other_engineer: User) -> None:
    assert not linking.link(case_id=linked.pk, public_id=incident.public_id, actor=other_engineer)
    assert linked.events.filter(kind=EventKind.INCIDENT_LINKED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_engineers_at_once_write_one_link_and_one_event(
    case: Case, incident: Incident, engineer: User, other_engineer: User
) -> None:
    start = threading.Barrier(2)
    answers: list[bool] = []

    def run(person: User) -> None:
        try:
            start.wait()
            answers.append(linking.link(case_id=case.pk, public_id=incident.public_id, actor=person))
        finally:
            connections.close_all()

    _at_once([partial(run, person) for person in (engineer, other_engineer)])
    assert sorted(answers) == [False, True]
    assert CaseIncident.objects.count() == case.events.filter(kind=EventKind.INCIDENT_LINKED).count() == 1


def test_what_ended_within_30_days_is_on_offer_and_a_draft_is_not(
    case: Case, component: Component, engineer: User, as_user: SignedIn
) -> None:
    def ended(days: int, name: str) -> Incident:
        end = timezone.now() - timedelta(days=days)
        made: Incident = IncidentFactory(
            name=name, status=Stage.RESOLVED, started_at=end - timedelta(hours=1), resolved_at=end
        )
        return made

    recent, old = ended(29, "Of this month"), ended(31, "Of long ago")
    draft = IncidentFactory(name="A draft", published_at=None)
    planned = MaintenanceFactory(name="New disks", affecting=[component])
    client, url = as_user(engineer), reverse("bridges:link_incident", args=[case.pk])
    text = shown(client, url)
    # What concerns the product comes first.
    assert text.index("New disks") < text.index("Of this month")
    assert "Of long ago" not in text
    assert "A draft" not in text
    for refused in (old.public_id, draft.public_id, "x" * 12, "\x00", "", "9" * 5000):
        response = client.post(url, {"incident": refused})
        assert response.status_code == 422
        assert "cannot be linked any more" in response.content.decode()
    with pytest.raises(BridgeError):
        linking.link(case_id=case.pk, public_id=old.public_id, actor=engineer)
    for one in (recent, planned):
        assert client.post(url, {"incident": one.public_id}).status_code == 302
    assert CaseIncident.objects.filter(case=case).count() == 2


@pytest.mark.parametrize("name", ["link_incident", "unlink_incident"])
@pytest.mark.parametrize("role", ["contact", "stranger", "member", "csm", "moderator", "operator"])
def test_linking_is_for_the_desk(
    case: Case, incident: Incident, name: str, role: str, request: pytest.FixtureRequest, as_user: SignedIn
) -> None:
    person = request.getfixturevalue(role)
    client = as_user(person.user if isinstance(person, Contact) else person)
    url = reverse(f"bridges:{name}", args=[case.pk])
    assert client.post(url, {"incident": incident.public_id}).status_code == 403
    assert not CaseIncident.objects.exists()


@pytest.mark.parametrize("name", ["link_incident", "unlink_incident"])
def test_a_visitor_signs_in_and_wrong_verbs_and_cases_are_refused(
    case: Case, name: str, engineer: User, as_user: SignedIn
) -> None:
    url, client = reverse(f"bridges:{name}", args=[case.pk]), as_user(engineer)
    assert Client().post(url)["Location"].startswith("/accounts/login/")
    assert client.put(url).status_code == 405
    assert client.post(reverse(f"bridges:{name}", args=[case.pk + 1000])).status_code == 404
    assert client.get(reverse("bridges:unlink_incident", args=[case.pk])).status_code == 405


def test_the_database_keeps_a_link_single(linked: Case, incident: Incident, engineer: User) -> None:
    with pytest.raises(IntegrityError):
        CaseIncident.objects.create(case=linked, incident=incident, linked_by=engineer)


# --- The cases of an incident -------------------------------------------------------------------------------------


def test_who_has_one_case_of_it_is_led_there_and_who_has_several_is_shown_them(
    linked: Case, incident: Incident, contact: Contact, stranger: Contact, engineer: User, as_user: SignedIn
) -> None:
    url = reverse("bridges:cases_of_incident", args=[incident.public_id])
    assert as_user(contact.user).get(url)["Location"] == linked.get_absolute_url()
    assert as_user(engineer).get(url)["Location"] == linked.get_desk_url()
    theirs = file_case(stranger, subject="Their own trouble")
    linking.link(case_id=theirs.pk, public_id=incident.public_id, actor=engineer)
    assert as_user(contact.user).get(url)["Location"] == linked.get_absolute_url()
    text = shown(as_user(engineer), url)
    assert linked.get_desk_url() in text
    assert theirs.get_desk_url() in text


def test_the_list_of_cases_wants_somebody_signed_in_and_a_get(
    linked: Case, incident: Incident, contact: Contact, as_user: SignedIn
) -> None:
    url = reverse("bridges:cases_of_incident", args=[incident.public_id])
    assert Client().get(url)["Location"] == f"/accounts/login/?next={url}"
    assert as_user(contact.user).post(url).status_code == 405
    assert as_user(contact.user).get(url, {"after": "x"}).status_code == 400
    for other in ("x", "a" * 12):
        assert as_user(contact.user).get(f"/cases/incidents/{other}/").status_code == 404


def test_the_list_costs_the_same_for_two_cases_and_for_twenty(
    linked: Case, incident: Incident, contact: Contact, engineer: User, as_user: SignedIn
) -> None:
    client = as_user(engineer)
    url = reverse("bridges:cases_of_incident", args=[incident.public_id])

    def more(number: int) -> int:
        for _number in range(number):
            case = file_case(ContactFactory(is_authorized=True))
            linking.link(case_id=case.pk, public_id=incident.public_id, actor=engineer)
        shown(client, url)
        return queries(lambda: shown(client, url))

    assert more(1) == more(18)


def test_the_console_shows_a_number_and_to_the_desk_the_cases(
    linked: Case, incident: Incident, contact: Contact, operator: User, engineer: User
) -> None:
    (panel,) = hooks.incident_panels(operator, incident)
    assert (panel.context["count"], panel.context["cases"]) == (1, [])
    (panel,) = hooks.incident_panels(engineer, incident)
    assert (panel.context["count"], panel.context["cases"]) == (1, [linked])
    workflow.change_status(case_id=linked.pk, to=Status.SOLVED, actor=engineer)
    workflow.change_status(case_id=linked.pk, to=Status.CLOSED, actor=engineer)
    (panel,) = hooks.incident_panels(engineer, incident)
    assert (panel.context["count"], panel.context["cases"]) == (0, [])


def test_operators_read_the_number_on_their_page(
    linked: Case, incident: Incident, operator: User, administrator: User, as_user: SignedIn
) -> None:
    url = reverse("status_console:incident", args=[incident.public_id])
    text = shown(as_user(operator), url)
    assert "1 open case is linked to it." in text
    assert linked.number not in text
    assert linked.get_desk_url() in shown(as_user(administrator), url)


# --- Who is told --------------------------------------------------------------------------------------------------


def told(incident: Incident) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(message__kind="bridges.incident_update").order_by("id")
    assert all(row.message.context["incident"] == incident.pk for row in rows.select_related("message"))
    return sorted((str(row.channel), row.user.email) for row in rows.select_related("user") if row.user)


def test_each_update_is_told_on_the_site_and_the_end_by_mail(
    linked: Case, incident: Incident, contact: Contact, colleague: Contact, engineer: User
) -> None:
    workflow.follow(case_id=linked.pk, actor=engineer, user=colleague.user)
    say(incident, Stage.IDENTIFIED, "A queue is full.")
    site = [(Channel.SITE, colleague.user.email), (Channel.SITE, contact.user.email)]
    assert told(incident) == site
    say(incident, Stage.RESOLVED, "It is over.")
    mail = [(Channel.MAIL, colleague.user.email), (Channel.MAIL, contact.user.email)]
    assert told(incident) == sorted([*mail, *site, *site])
    say(incident, Stage.POSTMORTEM, "What we learnt.")
    assert told(incident) == sorted([*mail, *site, *site, *site])


def test_who_gets_the_status_sites_mail_gets_no_second_one(
    linked: Case, incident: Incident, contact: Contact, colleague: Contact, engineer: User
) -> None:
    workflow.follow(case_id=linked.pk, actor=engineer, user=colleague.user)
    SubscriberFactory(user=contact.user, address=contact.user.email)
    SubscriberFactory(address=colleague.user.email, wants_incidents=False, wants_components=False)
    say(incident, Stage.RESOLVED, "It is over.")
    assert [row for row in told(incident) if row[0] == Channel.MAIL] == [(Channel.MAIL, colleague.user.email)]


def test_one_person_with_two_cases_is_told_once(
    linked: Case, incident: Incident, contact: Contact, engineer: User
) -> None:
    second = file_case(contact)
    linking.link(case_id=second.pk, public_id=incident.public_id, actor=engineer)
    say(incident, Stage.IDENTIFIED, "A queue is full.")
    assert told(incident) == [(Channel.SITE, contact.user.email)]


def test_nobody_is_told_of_what_is_not_theirs_any_more(
    linked: Case, incident: Incident, contact: Contact, stranger: Contact, engineer: User
) -> None:
    file_case(stranger)
    say(incident, Stage.MONITORING, "Quietly.", deliver=False)
    assert told(incident) == []
    workflow.change_status(case_id=linked.pk, to=Status.SOLVED, actor=engineer)
    workflow.change_status(case_id=linked.pk, to=Status.CLOSED, actor=engineer)
    say(incident, Stage.IDENTIFIED, "A queue is full.")
    assert told(incident) == []


def test_a_repeated_update_tells_once(linked: Case, incident: Incident, contact: Contact) -> None:
    for _twice in range(2):
        say(incident, Stage.IDENTIFIED, "A queue is full.", origin_key="alert-1")
    assert told(incident) == [(Channel.SITE, contact.user.email)]
    update = incident.updates.get(status=Stage.IDENTIFIED)
    hooks.tell(update, act="updated", actor=None)  # type: ignore[arg-type]
    assert told(incident) == [(Channel.SITE, contact.user.email)]
    assert Message.objects.filter(kind="bridges.incident_update").count() == 1


def test_rescheduled_maintenance_is_told_to_its_cases(
    case: Case, component: Component, contact: Contact, engineer: User, operator: User
) -> None:
    start = timezone.now() + timedelta(days=2)
    plan = maintenance.Plan(start, start + timedelta(hours=1))
    planned = maintenance.schedule(
        by=By(operator), new=maintenance.NewMaintenance("New disks", "We change disks.", plan, [component.pk])
    )
    linking.link(case_id=case.pk, public_id=planned.public_id, actor=engineer)
    later = maintenance.Plan(start + timedelta(days=1), start + timedelta(days=1, hours=1))
    maintenance.reschedule(by=By(operator), public_id=planned.public_id, plan=later)
    assert told(planned) == [(Channel.SITE, contact.user.email)]


def test_the_mail_names_the_case_and_leads_to_it(
    linked: Case, incident: Incident, contact: Contact, mailoutbox: list[Any]
) -> None:
    say(incident, Stage.RESOLVED, "The queue is **empty**.")
    sending.run()
    rows = Delivery.objects.filter(message__kind="bridges.incident_update")
    site, mail = rows.get(channel=Channel.SITE), rows.get(channel=Channel.MAIL)
    assert site.subject == f"Resolved: Orders are late ({linked.number})"
    assert mail.subject == f"[{linked.number}] Resolved: Orders are late"
    assert f"/cases/incidents/{incident.public_id}/" in mail.text
    assert "The queue is <strong>empty</strong>." in mail.html


def test_who_may_not_see_the_case_any_more_is_sent_nothing(linked: Case, incident: Incident, contact: Contact) -> None:
    say(incident, Stage.RESOLVED, "It is over.")
    Contact.objects.filter(pk=contact.pk).update(ended_at=timezone.now(), is_authorized=False, is_account_admin=False)
    sending.run()
    states = Delivery.objects.filter(message__kind="bridges.incident_update").values_list("state", flat=True)
    assert set(states) == {"dropped"}
