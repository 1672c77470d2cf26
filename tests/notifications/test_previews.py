"""Every mail is looked at in the administration: its sample is what a real one is, and reads well everywhere."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from notifications import kinds, previewing, rendering, sign_in_mails
from notifications.kinds import Kind
from notifications.models import Channel, Delivery
from notifications.previewing import Preview
from notifications.rendering import Rendered
from tests.cast import SignedIn
from tests.notifications.deeds import DEEDS, Cast

MAILED = [kind for kind in kinds.registered() if kind.samples]
PREVIEWS = previewing.listed()
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGE = "/admin/mails/cases.created/usual/"
GMAIL_CLIPS = 102 * 1024  # bytes
GMAIL_DROPS_STYLE = 8192  # characters of one style element


def name_of(preview: Preview) -> str:
    return f"{preview.kind} {preview.code}"


def delivered(kind: str) -> Delivery:
    found = Delivery.objects.filter(message__kind=kind, channel=Channel.MAIL).select_related("message", "user")
    return found.order_by("-id")[0]


class TestSamples:
    def test_every_kind_that_is_mailed_has_one(self) -> None:
        bare = {kind.name for kind in kinds.registered() if not kind.samples}
        assert bare == {"status.test"}  # only endpoints get it
        assert not list((TEMPLATES / "emails/status").glob("test*"))

    @pytest.mark.django_db
    @pytest.mark.parametrize("kind", MAILED, ids=lambda kind: kind.name)
    def test_it_holds_what_a_real_mail_holds(self, kind: Kind, request: pytest.FixtureRequest) -> None:
        DEEDS[kind.name](Cast(request.getfixturevalue))
        delivery = delivered(kind.name)
        with rendering.for_recipient(delivery):
            real = rendering.presented(kind, delivery)
        for sample in kind.samples:
            made_up = previewing.context_of(kind, sample)
            assert made_up.keys() == real.keys(), sample.code
            assert differing(made_up, real) == [], sample.code

    @pytest.mark.django_db
    @pytest.mark.parametrize("preview", PREVIEWS, ids=name_of)
    def test_it_asks_the_database_nothing_and_is_the_same_each_time(self, preview: Preview) -> None:
        with CaptureQueriesContext(connection) as asked:
            first = preview.rendered("en")
        assert len(asked) == 0
        assert preview.rendered("en") == first

    def test_all_that_allauth_writes_is_there(self) -> None:
        written = {
            str(path.relative_to(TEMPLATES)).removesuffix("_message.txt")
            for folder in ("account", "mfa")
            for path in (TEMPLATES / folder / "email").glob("*_message.txt")
        }
        assert written - {"account/email/base"} == set(sign_in_mails.MAILS)

    def test_every_template_of_mails_is_used(self) -> None:
        used = set(reached())
        there = {str(path.relative_to(TEMPLATES)) for path in (TEMPLATES / "emails").rglob("*.*")}
        assert there - used == set()


def differing(made_up: Mapping[str, Any], real: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values are of another type; nothing and an empty word stand for anything absent."""
    absent: tuple[Any, ...] = (None, "", [])
    return [
        key
        for key, value in made_up.items()
        if value not in absent
        and real[key] not in absent
        and not isinstance(value, type(real[key]))
        and not isinstance(real[key], type(value))
    ]


def reached() -> list[str]:
    """Return every template that a mail is made of."""
    waiting = ["emails/notifications/digest.html", "emails/notifications/digest.txt"]
    waiting += [f"{kind.template}{ending}" for kind in MAILED for ending in (".subject.txt", ".txt", ".html")]
    seen: list[str] = []
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.append(name)
            found: Any = get_template(name)
            source = Path(found.origin.name).read_text()
            waiting += re.findall(r"""{% (?:include|extends) "(emails/[^"]+)""", source)
    return seen


class Words(HTMLParser):
    """What a mail's HTML links to, and the elements that it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.elements: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        if tag == "img":
            self.pictures.append(dict(attrs))


LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize("preview", PREVIEWS, ids=name_of)
class TestEachMail:
    def test_reads_well_in_every_language(self, preview: Preview) -> None:
        for language in LANGUAGES:
            self.check_words(preview, preview.rendered(language))

    def check_words(self, preview: Preview, mail: Rendered) -> None:
        assert 5 < len(mail.subject) <= 120
        for words in (mail.subject, mail.text, mail.html):
            assert not re.search(r"{{|{%|%\(|<built-in|None\b", words)
        # Plain text: no markup, no entities, each address on a line of its own, a signature, and no gap.
        assert not re.search(r"&(?:[a-z]+|#\d+);|<(?:p|br|a|strong)\b", mail.text)
        ours = [line for line in mail.text.splitlines() if settings.PORTAL_URL in line]
        assert all(line.startswith(settings.PORTAL_URL) and " " not in line for line in ours)
        assert "\n-- \n" in mail.text
        assert "\n\n\n" not in mail.text
        if preview.kind.startswith("cases."):
            assert "CS-004217" in mail.subject

    def test_is_whole_as_html_in_every_language(self, preview: Preview) -> None:
        for language in LANGUAGES:
            mail = preview.rendered(language)
            assert re.search(rf'<html lang="{language}" dir="ltr">', mail.html, re.IGNORECASE)
            self.check_html(preview, mail)

    def check_html(self, preview: Preview, mail: Rendered) -> None:
        found = Words(mail.html)
        assert found.links
        assert all(re.match(r"https?://\S+\Z", link) for link in found.links)
        assert found.elements.count("h1") == 1
        assert not {"script", "link", "form", "object", "iframe"} & set(found.elements)
        assert all("alt" in picture for picture in found.pictures)
        assert mail.html.count('class="button') <= 1
        assert preview.size(mail) < GMAIL_CLIPS
        assert all(
            len(style) < GMAIL_DROPS_STYLE for style in re.findall(r"<style>(.*?)</style>", mail.html, re.DOTALL)
        )
        # The line beside the subject in the list of mails.
        shown = re.search(r'class="preheader">(.*?)&#847;', mail.html, re.DOTALL)
        assert shown is not None
        assert shown[1].strip()


class TestDirection:
    def test_right_to_left_mirrors_the_layout(self) -> None:
        preview = previewing.find("cases.status_changed", "solved")
        assert preview is not None
        with translation.override("ar"):
            html = rendering.worded(*_parts("cases.status_changed", "solved")).html
        assert '<html lang="ar" dir="rtl">' in html
        assert "border-right: 3px" in html
        assert "border-left" not in html
        assert 'align="left"' not in html

    @pytest.mark.parametrize(("theme", "query"), [("light", "@media not all"), ("dark", "@media all")])
    def test_a_theme_is_forced_in_the_preview_alone(self, theme: str, query: str) -> None:
        preview = previewing.find("cases.created", "usual")
        assert preview is not None
        html = preview.rendered("en").html
        assert "prefers-color-scheme: dark" in html
        shown = previewing.themed(html, theme)
        assert "prefers-color-scheme" not in shown
        assert query in shown


def _parts(name: str, code: str) -> tuple[Kind, dict[str, Any]]:
    kind = kinds.get(name)
    return kind, previewing.context_of(kind, next(one for one in kind.samples if one.code == code))


@pytest.mark.django_db
class TestPages:
    def test_the_list_names_every_mail(self, as_user: SignedIn, manager: User) -> None:
        text = as_user(manager).get("/admin/mails/").text
        assert all(f"/admin/mails/{one.kind}/{one.code}/" in text for one in PREVIEWS)
        assert "/admin/mails/" in as_user(manager).get("/admin/").text

    def test_a_mail_is_shown_as_html_as_text_and_with_its_headers(self, as_user: SignedIn, manager: User) -> None:
        page = as_user(manager).get(PAGE, {"theme": "dark", "width": "phone"})
        for words in ("[CS-004217] Gateway answers 503", "Auto-Submitted", "Read and add to your case:"):
            assert words in page.text
        assert 'sandbox="" src="/admin/mails/cases.created/usual/body/?language=en&amp;theme=dark"' in page.text
        assert "mail-frame-phone" in page.text
        assert "frame-src 'self'" in page["Content-Security-Policy"]

    def test_its_html_is_kept_in_a_sandbox(self, as_user: SignedIn, manager: User) -> None:
        body = as_user(manager).get(f"{PAGE}body/", {"theme": "dark"})
        assert body["Content-Security-Policy"].startswith("sandbox")
        assert "@media all" in body.text

    @pytest.mark.parametrize("query", ["language=xx", "language=%27", "theme=x&width=y", "language=" + "x" * 5000])
    def test_odd_choices_are_the_usual_ones(self, as_user: SignedIn, manager: User, query: str) -> None:
        assert as_user(manager).get(f"{PAGE}?{query}").status_code == 200
        assert as_user(manager).get(f"{PAGE}body/?{query}").status_code == 200

    @pytest.mark.parametrize("path", ["nothing.here/usual/", "cases.created/nothing/", "status.test/usual/"])
    def test_what_is_no_mail_is_not_there(self, as_user: SignedIn, manager: User, path: str) -> None:
        assert as_user(manager).get(f"/admin/mails/{path}").status_code == 404
        assert as_user(manager).get(f"/admin/mails/{path}body/").status_code == 404
        assert as_user(manager).post(f"/admin/mails/{path}send/").status_code == 404

    @pytest.mark.parametrize("role", ["engineer", "csm", "moderator", "operator"])
    def test_other_staff_do_not_enter(self, as_user: SignedIn, role: str, request: pytest.FixtureRequest) -> None:
        client = as_user(request.getfixturevalue(role))
        answers: list[Any] = [client.get("/admin/mails/"), client.get(PAGE), client.get(f"{PAGE}body/")]
        answers.append(client.post(f"{PAGE}send/"))
        assert {answer.status_code for answer in answers} == {403}
        assert "/admin/mails/" not in client.get("/admin/").text
        assert not Delivery.objects.exists()

    def test_wrong_verbs_are_refused(self, as_user: SignedIn, manager: User) -> None:
        client = as_user(manager)
        assert client.post("/admin/mails/").status_code == 405
        assert client.post(PAGE).status_code == 405
        assert client.get(f"{PAGE}send/").status_code == 405

    def test_it_is_mailed_to_whoever_looks_at_it_alone(
        self, as_user: SignedIn, manager: User, mailoutbox: list[Any]
    ) -> None:
        from notifications import sending

        response = as_user(manager).post(f"{PAGE}send/", {"language": "en"}, follow=True)
        assert "It is on its way to manager@portal.example." in response.text
        sending.run()
        (mail,) = mailoutbox
        assert mail.to == ["manager@portal.example"]
        assert mail.subject == "[Sample] [CS-004217] Gateway answers 503"
        assert "Read and add to your case:" in mail.body
