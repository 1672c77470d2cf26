import pytest

from cases import desk, workflow
from cases.constants import Environment, Priority
from cases.models import Case
from tests.factories.cases import file_case

pytestmark = pytest.mark.django_db


def found(text, *, internal=False):
    return list(Case.objects.matching(text, internal=internal))


@pytest.mark.parametrize("spell", ["{}", "{lower}", " {} ", "cs{digits}", "CS {digits}", "{plain}", "#{plain}"])
def test_number_is_found_however_it_is_spelt(contact, spell):
    case = file_case(contact)
    digits = case.number.removeprefix("CS-")
    text = spell.format(case.number, lower=case.number.lower(), digits=digits, plain=case.pk)
    assert case in found(text)


def test_words_of_subject_description_and_replies_are_found(contact, engineer):
    case = file_case(contact, subject="Invoices stuck", description="The gateway answers with timeouts")
    workflow.reply(case_id=case.pk, actor=engineer, body="Please rotate the certificate")
    for words in ("invoice", "gateway timeout", "certificates", '"rotate the certificate"', "nothing OR invoices"):
        assert found(words) == [case]
    for words in ("payroll", "invoice -stuck", '"certificate the rotate"'):
        assert found(words) == []


def test_internal_words_are_found_at_the_desk_only(contact, engineer):
    case = file_case(contact)
    workflow.reply(case_id=case.pk, actor=engineer, body="the customer's zebra", internal=True)
    desk.set_priority(case_id=case.pk, priority=Priority.HIGH, reason="giraffe", actor=engineer)
    for word in ("zebra", "giraffe"):
        assert found(word) == []
        assert found(word, internal=True) == [case]


def test_internal_words_stay_internal_after_an_edit(contact, engineer):
    case = file_case(contact)
    workflow.reply(case_id=case.pk, actor=engineer, body="zebra", internal=True)
    workflow.reply(case_id=case.pk, actor=engineer, body="antelope")
    desk.edit(
        case_id=case.pk,
        actor=contact.user,
        subject="Other words",
        description="Only hippos",
        product=case.product,
        environment=Environment.PRODUCTION,
        endpoints="",
    )
    assert found("zebra") == []
    assert found("zebra", internal=True) == [case]
    assert found("antelope") == found("hippo") == [case]
    assert found("orders") == []


def test_search_finds_nothing_that_is_not_visible(contact, stranger):
    file_case(contact, subject="Zebra")
    assert not Case.objects.visible_to(stranger.user).matching("zebra", internal=False).exists()


@pytest.mark.parametrize(
    "text",
    [
        "the",
        '"',
        '"""""" OR OR -',
        "& | ! ( ) :* <->",
        "'; DROP TABLE cases_case; --",
        "\\",
        "%_%",
        "😀" * 60,
        "a " * 100,
        "-" * 200,
        "- " * 100,
        '-"' * 100,
        "- -- zebra" * 20,
        "9" * 18,
        "CS-999999999999999999",
        "\u202eevil\u200b",
        "x" * 200,
        "٣٤",
    ],
)
def test_pathological_text_finds_nothing_and_breaks_nothing(contact, text):
    file_case(contact)
    assert found(text) == []
    assert found(text, internal=True) == []


def test_huge_texts_are_kept_and_still_filed(contact, engineer):
    words = " ".join(f"w{number:x}" for number in range(9_000))[:50_000]
    case = file_case(contact, description=words)
    for _ in range(12):
        words = words[::-1]
        workflow.reply(case_id=case.pk, actor=engineer, body=words)
    workflow.reply(case_id=case.pk, actor=engineer, body="last")
    assert case.comments.count() == 13
    assert found("orders") == [case]
