"""The style guide is a living page: whatever is a component or an icon stands on it, drawn from what pages use."""

import re
from collections import Counter

import pytest
from django.conf import settings
from pytest_django import Settings

from accounts.models import User
from portal.icons import ICONS
from portal.styleguide import tokens
from portal.styleguide.views import ERROR_PAGES
from tests.cast import SignedIn

COMPONENTS = {path.stem for path in (settings.BASE_DIR / "templates" / "components").glob("*.html")}

pytestmark = pytest.mark.django_db


@pytest.fixture
def guide(as_user: SignedIn, engineer: User) -> str:
    response = as_user(engineer).get("/styleguide/")
    assert response.status_code == 200
    return response.content.decode()


def test_every_component_stands_on_it(guide: str) -> None:
    assert set(re.findall(r'data-component="([\w-]+)"', guide)) == COMPONENTS


def test_every_icon_stands_on_it(guide: str) -> None:
    drawn = set(re.findall(r'class="icon icon-([\w-]+) icon-lg"', guide))
    assert drawn >= set(ICONS)


def test_every_token_of_colour_is_shown_in_both_themes(guide: str) -> None:
    for theme in tokens.THEMES:
        for name, colour in tokens.colours()[theme].items():
            assert re.search(rf"<code>{name}</code><small>{colour} ", guide), (theme, name)


def test_the_vendors_accent_is_shown_in_place_of_the_portals(
    settings: Settings, as_user: SignedIn, engineer: User
) -> None:
    settings.PORTAL_BRAND_COLOR = "#7a1fa2"
    assert "<code>accent</code><small>#7a1fa2 " in as_user(engineer).get("/styleguide/").content.decode()


def test_no_id_is_there_twice(guide: str) -> None:
    twice = {name: count for name, count in Counter(re.findall(r'\sid="([^"]+)"', guide)).items() if count > 1}
    assert twice == {}


def test_forms_are_shown_in_each_state(guide: str) -> None:
    form = guide.split('id="forms"')[1].split("</section>")[0]
    for part in ("is-invalid", "disabled", 'value="ada@acme.example"', "form-text"):
        assert part in form


@pytest.mark.parametrize("code", ERROR_PAGES)
def test_each_error_page_can_be_looked_at(as_user: SignedIn, engineer: User, code: str) -> None:
    response = as_user(engineer).get(f"/styleguide/errors/{code}/")
    assert response.status_code == 200
    assert code[:3] in response.content.decode()


def test_every_error_page_is_offered() -> None:
    pages = {path.stem for path in (settings.BASE_DIR / "templates").glob("[45]??*.html")}
    assert pages == set(ERROR_PAGES)


def test_an_error_page_that_there_is_not_is_a_404(as_user: SignedIn, engineer: User) -> None:
    assert as_user(engineer).get("/styleguide/errors/418/").status_code == 404


def test_the_admin_leads_to_it(as_user: SignedIn, administrator: User) -> None:
    assert 'href="/styleguide/"' in as_user(administrator).get("/admin/").content.decode()
