import pytest

from accounts.models import Product
from cases import desk, oncall, production_down
from cases.constants import Environment, EventKind, Priority, Severity
from cases.models import Alert, OnCallStep
from tests.factories.cases import file_case

MATCHING = [
    "production down",
    "PRODUCTION  DOWN",
    "[Acme] Production Down!",
    "Production-Down",
    "Re: production down",
    "production_down",
    "Production \u2013 Down",
    "Production\u2011Down",
    "Production\u00a0Down",
    "production\tdown",
    "\uff30roduction \uff24own",
    "URGENT: Production down since 9:00, orders lost",
    "(production down)",
]
HINTED = ["Production downtime", "production download", "ProductionDown", "Production is down"]
PLAIN = ["Non-production down", "Nonproduction down", "NON_PRODUCTION DOWN", "non production down", "Orders stop", ""]


@pytest.mark.parametrize("subject", MATCHING)
def test_subject_matches(subject):
    assert production_down.matches(subject)
    assert not production_down.nearly_matches(subject)


@pytest.mark.parametrize("subject", HINTED)
def test_near_subject_is_hinted_at(subject):
    assert not production_down.matches(subject)
    assert production_down.nearly_matches(subject)


@pytest.mark.parametrize("subject", PLAIN)
def test_other_subject_is_left_alone(subject):
    assert not production_down.matches(subject)
    assert not production_down.nearly_matches(subject)


def test_phrase_beside_a_negated_one_matches():
    assert production_down.matches("Non-production fine, production down")


def test_phrases_of_other_languages_are_a_setting(settings):
    settings.PRODUCTION_DOWN_PHRASES = ["production down", "Produktion steht"]
    assert production_down.matches("PRODUKTION steht!")
    assert production_down.matches("production down")


@pytest.mark.parametrize(
    "phrases",
    [["production down"], ["Produktion steht"], ["", "l'outil est à l'arrêt"]],
    ids=["usual", "other", "second"],
)
def test_the_subject_of_the_links_calls_whoever_is_on_call(settings, phrases):
    settings.PRODUCTION_DOWN_PHRASES = phrases
    assert production_down.matches(production_down.subject())


def test_without_a_phrase_the_links_fill_nothing_in(settings):
    settings.PRODUCTION_DOWN_PHRASES = [""]
    assert production_down.subject() == ""


def test_empty_phrase_matches_nothing(settings):
    settings.PRODUCTION_DOWN_PHRASES = [""]
    assert not production_down.matches("anything")


@pytest.mark.django_db
class TestFiling:
    @pytest.mark.parametrize("severity", Severity)
    def test_match_is_urgent_whatever_was_submitted(self, contact, severity):
        case = file_case(contact, subject="Production Down", severity=severity)
        assert case.priority == Priority.URGENT
        assert case.is_production_down
        assert Alert.objects.filter(case=case, acknowledged_at=None).count() == 1

    def test_every_plan_and_unverified_contacts_alert(self, stranger, colleague):
        for membership in (stranger, colleague):
            assert Alert.objects.filter(case=file_case(membership, subject="Production Down")).exists()

    def test_phrase_in_the_description_alone_raises_nothing(self, contact):
        case = file_case(contact, description="production down")
        assert not case.is_production_down
        assert not Alert.objects.exists()

    def test_queue_begins_with_it(self, contact):
        case = file_case(contact, subject="Production Down")
        case.refresh_from_db()
        assert case.queue_rank == 0


@pytest.mark.django_db
class TestEditing:
    def edit(self, case, actor, subject):
        return desk.edit(
            case_id=case.pk,
            actor=actor,
            subject=subject,
            description=case.description,
            product=Product.objects.get(pk=case.product_id),
            environment=Environment(case.environment),
            endpoints=case.endpoints,
        )

    def test_phrase_brought_in_raises_and_alerts_once(self, contact):
        case = file_case(contact)
        for subject in ("Production Down", "Production Down!", "calm", "Production Down again"):
            case = self.edit(case, contact.user, subject)
        assert case.priority == Priority.URGENT
        assert case.events.filter(kind=EventKind.PRODUCTION_DOWN_RAISED).count() == 1
        assert Alert.objects.filter(case=case).count() == 1

    def test_phrase_taken_out_lowers_nothing(self, contact):
        case = self.edit(file_case(contact, subject="Production Down"), contact.user, "All calm")
        assert case.is_production_down
        assert case.priority == Priority.URGENT

    def test_lowered_by_an_engineer_is_not_raised_again(self, contact, engineer):
        case = file_case(contact, subject="Production Down")
        case = desk.set_priority(case_id=case.pk, priority=Priority.NORMAL, reason="A test system", actor=engineer)
        assert not case.is_production_down
        assert not Alert.objects.unacknowledged().exists()
        self.edit(case, contact.user, "calm")
        case = self.edit(case, contact.user, "Production Down")
        assert case.priority == Priority.NORMAL
        assert not case.is_production_down
        assert Alert.objects.count() == 1

    def test_edit_of_other_fields_raises_nothing(self, contact):
        case = file_case(contact)
        desk.edit(
            case_id=case.pk,
            actor=contact.user,
            subject=case.subject,
            description="production down",
            product=case.product,
            environment=Environment.STAGING,
            endpoints="",
        )
        assert not Alert.objects.exists()

    def test_same_words_again_write_nothing(self, contact):
        case = file_case(contact)
        self.edit(case, contact.user, case.subject)
        assert not case.events.filter(kind=EventKind.EDITED).exists()


@pytest.mark.django_db
def test_alert_that_fails_does_not_lose_the_case(contact, engineer, monkeypatch, django_capture_on_commit_callbacks):
    OnCallStep.objects.create(position=1, user=engineer)

    def refuse(*_args, **_kwargs):
        raise ConnectionError("the broker is away")

    monkeypatch.setattr("notifications.nudge.send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        case = file_case(contact, subject="Production Down")
    assert oncall.due_alert_ids() == [Alert.objects.get(case=case).pk]
