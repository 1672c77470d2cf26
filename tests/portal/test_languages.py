"""Which language a page speaks, who chooses it, and that no reader is given another's."""

from datetime import UTC, date, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import Contact, User
from accounts.passkey_forms import EditPasskeyForm
from forums import fragments
from lib import languages, moments
from notifications import kinds, rendering
from notifications.models import Delivery
from status import links
from tests.cast import SignedIn
from tests.factories.cases import file_case
from tests.factories.forums import ask

LANGUAGES = ("de", "es", "fr", "pt-br")
COOKIE = settings.LANGUAGE_COOKIE_NAME

pytestmark = pytest.mark.django_db


def page(client: Client, path: str = "/support/", **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def speaks(text: str) -> str:
    """Return the language that a page says it is in."""
    return text.split('<html lang="', 1)[1].split('"', 1)[0]


# --- Which one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "spoken"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("es-MX", "es"),
        ("fr-CA,en", "fr"),
        ("pt", "pt-BR"),
        ("pt-PT,en;q=0.5", "pt-BR"),
        ("pt-BR", "pt-BR"),
        ("tlh, fr;q=0.3", "fr"),
        ("xx", "en"),
        ("de\x00", "en"),
        ("a" * 5000, "en"),
    ],
    ids=["none", "de", "at", "mx", "ca", "pt", "pt-pt", "pt-br", "second wish", "unknown", "nul", "long"],
)
def test_a_visitor_is_spoken_to_as_their_browser_asks(client: Client, wish: str, spoken: str) -> None:
    assert speaks(page(client, accept_language=wish)) == spoken


def test_a_choice_stands_above_the_browser(client: Client) -> None:
    client.cookies[COOKIE] = "es"
    assert speaks(page(client, accept_language="de")) == "es"


def test_a_cookie_that_names_no_language_is_passed_over(client: Client) -> None:
    client.cookies[COOKIE] = "tlh"
    assert speaks(page(client, accept_language="de")) == "de"


def test_the_profile_stands_above_both(as_user: SignedIn, member: User) -> None:
    User.objects.filter(pk=member.pk).update(language="fr")
    client = as_user(member)
    client.cookies[COOKIE] = "es"
    assert speaks(page(client, accept_language="de")) == "fr"


def test_the_languages_name_themselves_and_have_a_catalogue() -> None:
    assert list(languages.names()) == ["en", *LANGUAGES]
    assert languages.names()["pt-br"] == "Português (Brasil)"
    for code in LANGUAGES:
        assert translation.check_for_language(code)


@pytest.mark.parametrize(
    ("code", "tag"), [("en", "en"), ("pt-br", "pt-BR"), ("zh-hans", "zh-Hans")], ids=["en", "pt-br", "zh-hans"]
)
def test_html_spells_a_language_as_browsers_do(code: str, tag: str) -> None:
    assert languages.tag(code) == tag


# --- Choosing --------------------------------------------------------------------------------------------------------


def choose(client: Client, language: str, **data: str) -> str | int:
    answer = client.post("/language/", {"language": language, **data})
    if answer.status_code == 302:
        return answer.headers["Location"]
    return answer.status_code


def test_the_footer_leads_to_the_choice_and_back(client: Client) -> None:
    text = page(client, "/support/?a=b%26c")
    assert 'href="/language/?next=%2Fsupport%2F%3Fa%3Db%2526c"' in text
    offered = page(client, "/language/?next=%2Fsupport%2F%3Fa%3Db%2526c")
    assert '<input type="hidden" name="next" value="/support/?a=b%26c">' in offered
    for code in languages.names():
        assert f'name="language" value="{code}" lang="{languages.tag(code)}"' in offered


def test_a_visitor_chooses_and_goes_back_to_their_page(client: Client) -> None:
    assert choose(client, "de", next="/support/?a=b") == "/support/?a=b"
    cookie = client.cookies[COOKIE]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("de", True, "Lax")
    assert int(cookie["max-age"]) == 365 * 24 * 3600
    assert speaks(page(client)) == "de"


def test_without_a_choice_the_browser_counts_again(client: Client) -> None:
    choose(client, "de")
    choose(client, "")
    assert speaks(page(client, accept_language="fr")) == "fr"


def test_whoever_is_signed_in_keeps_the_choice_in_their_profile(as_user: SignedIn, member: User) -> None:
    client = as_user(member)
    assert choose(client, "pt-br", next="/account/") == "/account/"
    member.refresh_from_db()
    assert member.language == "pt-br"
    assert speaks(page(client, "/account/")) == "pt-BR"
    choose(client, "")
    member.refresh_from_db()
    assert member.language == ""


@pytest.mark.parametrize(
    "language", ["tlh", "DE", "de\x00", "x" * 5000, " "], ids=["no", "case", "nul", "long", "space"]
)
def test_a_language_that_there_is_not_is_refused_in_words(as_user: SignedIn, member: User, language: str) -> None:
    answer = as_user(member).post("/language/", {"language": language, "next": "/support/"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert 'name="next" value="/support/"' in answer.content.decode()
    member.refresh_from_db()
    assert member.language == ""


def test_a_form_without_a_language_is_refused(client: Client) -> None:
    assert choose(client, "x") == 422
    assert client.post("/language/", {}).status_code == 422


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)", "support/",
     "", "/language/?next=/language/", "/" + "a" * 3000],
    ids=["https", "scheme", "backslash", "script", "relative", "empty", "itself", "long"],
)  # fmt: skip
def test_the_way_back_never_leads_elsewhere(client: Client, target: str) -> None:
    assert choose(client, "de", next=target) == "/"


def test_the_choice_wants_a_token(member: User) -> None:
    assert Client(enforce_csrf_checks=True).post("/language/", {"language": "de"}).status_code == 403


def test_the_profile_offers_the_same_languages(as_user: SignedIn, member: User) -> None:
    text = page(as_user(member), "/account/")
    for code, name in languages.names().items():
        assert f'<option value="{code}">{name}</option>' in text


# --- Nobody is given another's language ------------------------------------------------------------------------------


@pytest.fixture
def topic(member: User) -> str:
    return ask(member, title="Orders do not arrive").get_absolute_url()


def test_a_page_that_caches_keep_says_what_it_depends_on(client: Client, topic: str) -> None:
    for path in ("/forums/", topic):
        answer = client.get(path, headers={"accept-language": "de"})
        assert answer.headers["Cache-Control"].startswith("public")
        assert {"Accept-Language", "Cookie"} <= {one.strip() for one in answer.headers["Vary"].split(",")}
        assert "csrfmiddlewaretoken" not in answer.content.decode()
        assert 'href="/language/?next=' in answer.content.decode()


def test_readers_of_several_languages_in_turn_each_get_their_own(client: Client, topic: str) -> None:
    for path in ("/", "/support/", "/forums/", topic, "/search/?q=orders"):
        alone = {}
        for code in ("en", *LANGUAGES):
            text = page(client, path, accept_language=code)
            assert speaks(text) == languages.tag(code)
            with translation.override(code):
                assert gettext("Skip to the content") in text
            alone[code] = text
        assert len(set(alone.values())) == len(alone)


def test_a_drawn_fragment_is_kept_for_its_language_alone() -> None:
    for code in ("en", *LANGUAGES, "en"):
        with translation.override(code):
            assert gettext("Loading") in fragments.draw("components/loading.html", indicator_id="x")


def test_a_tag_is_kept_for_its_language_alone() -> None:
    shown = Template("{% case_status 'in_progress' %}{% incident_stage 'resolved' %}{% case_priority 'urgent' %}")
    texts = []
    for code in ("en", *LANGUAGES):
        with translation.override(code):
            texts.append(shown.render(Context()))
    assert len(set(texts)) == len(texts)


def test_what_refuses_a_request_before_anybody_is_known_speaks_the_browser_s_language(client: Client, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    for code in ("de", "en", "fr"):
        answer = client.post("/language/", {"language": "x" * 100}, headers={"accept-language": code})
        assert answer.status_code == 413
        assert speaks(answer.content.decode()) == code


# --- Words of time ---------------------------------------------------------------------------------------------------

MOMENT = datetime(2025, 3, 1, 14, 5, tzinfo=UTC)
DAYS = {
    "en": ("1 March 2025", "1 Mar 2025", "March 2025"),
    "de": ("1. März 2025", "1. Mär 2025", "März 2025"),
    "es": ("1 de marzo de 2025", "1 mar 2025", "Marzo de 2025"),
    "fr": ("1er mars 2025", "1 mar 2025", "Mars 2025"),
    "pt-br": ("1 de março de 2025", "1 mar 2025", "Março de 2025"),
}


@pytest.mark.parametrize("code", DAYS)
def test_a_day_is_written_as_its_readers_write_it(code: str) -> None:
    with translation.override(code):
        day = date(2025, 3, 1)
        assert (moments.long_day(day), moments.short_day(day), moments.month(day)) == DAYS[code]
        with timezone.override("UTC"):
            shown = Template("{% load portal %}{% when moment 'full' %}").render(Context({"moment": MOMENT}))
    assert f">{DAYS[code][0]}, 14:05 UTC</time>" in shown


# --- Status and mails ------------------------------------------------------------------------------------------------


def test_the_menu_leads_to_the_status_in_the_reader_s_language(client: Client) -> None:
    assert 'href="/status/pt-br/"' in page(client, accept_language="pt")
    assert 'href="/status/"' in page(client)


def test_a_status_page_has_an_address_in_each_language() -> None:
    assert links.page("history/", "pt-br") == "/status/pt-br/history/"
    assert links.page("history/", "en") == links.page("history/") == "/status/history/"


def test_a_mail_is_in_its_reader_s_language(contact: Contact) -> None:
    User.objects.filter(pk=contact.user.pk).update(language="pt-br")
    case = file_case(contact, subject="Orders stop")
    delivery = Delivery.objects.filter(user=contact.user, channel="mail", message__kind="cases.created").latest("pk")
    with rendering.for_recipient(delivery):
        rendered = rendering.mail(kinds.get("cases.created"), delivery)
    assert '<html lang="pt-BR" dir="ltr">' in rendered.html
    assert case.number in rendered.subject


def test_allauth_s_unnamed_field_is_named_in_the_reader_s_language() -> None:
    for code in LANGUAGES:
        with translation.override(code):
            form = EditPasskeyForm(instance=Authenticator(type=Authenticator.Type.WEBAUTHN, data={"name": "Key"}))
            assert str(form.fields["name"].label) == gettext("Name")
