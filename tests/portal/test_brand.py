"""The vendor's look on pages, and how its files are served."""

import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.core import checks
from django.test import Client
from pytest_django import Settings

from lib.brand import derive
from status.snapshot.rendering import code_fingerprint

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 25"><script>alert(1)</script></svg>'
STYLESHEET = re.compile(r'<link rel="stylesheet" href="(/brand/[^"]+)">')


@pytest.fixture
def branded(settings: Settings, tmp_path: Path) -> Settings:
    settings.PORTAL_BRAND_COLOR = "#ffd400"
    logo = tmp_path / "logo.svg"
    logo.write_text(SVG)
    settings.PORTAL_LOGO = str(logo)
    settings.PORTAL_FOOTER_LINKS = "Imprint=https://vendor.example/imprint"
    return settings


@pytest.fixture
def no_database() -> Iterator[None]:
    with mock.patch("django.db.backends.base.base.BaseDatabaseWrapper.cursor", side_effect=AssertionError):
        yield


@pytest.mark.django_db
def test_a_page_shows_the_colours_the_logo_and_the_links(branded: Settings, client: Client) -> None:
    page = client.get("/support/").content.decode()
    found = STYLESHEET.search(page)
    assert found is not None
    assert f"--p-accent:{derive('#ffd400').light.accent};" in client.get(found[1]).content.decode()
    assert re.search(r'<img class="site-mark" src="/brand/[0-9a-f]{16}/logo.svg" height="28" width="112" alt="">', page)
    assert '<a href="https://vendor.example/imprint">Imprint</a>' in page


@pytest.mark.django_db
def test_a_logo_that_says_the_name_is_read_out_as_the_name(branded: Settings, client: Client) -> None:
    branded.PORTAL_LOGO_SHOWS_NAME = True
    page = client.get("/support/").content.decode()
    logo = page.split('class="site-logo"')[1].split("</a>")[0]
    assert f'alt="{branded.PORTAL_NAME}"' in logo
    assert logo.count(branded.PORTAL_NAME) == 1


@pytest.mark.django_db
def test_without_settings_nothing_more_is_asked_for(client: Client) -> None:
    page = client.get("/support/").content.decode()
    assert "/brand/" not in page
    assert "img/favicon.svg" in page


def test_the_files_are_kept_for_good_and_an_svg_runs_nothing(
    branded: Settings, client: Client, no_database: None
) -> None:
    from portal.brand import SiteBrand

    logo = SiteBrand("en").logo
    assert logo is not None
    for url, content_type in ((SiteBrand("en").stylesheet, "text/css"), (logo.url, "image/svg+xml")):
        response = client.get(url)
        assert response.status_code == 200
        assert response["Content-Type"].startswith(content_type)
        assert "immutable" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].endswith("sandbox")
        assert client.post(url).status_code == 405


def test_an_older_address_shows_what_is_there_now_for_a_while(branded: Settings, client: Client) -> None:
    response = client.get("/brand/0123456789abcdef/logo.svg")
    assert response.status_code == 200
    assert "immutable" not in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["logo.png", "logo-dark.svg", "other.svg", "../logo.svg", "colours.svg"])
def test_what_is_not_set_is_not_found(branded: Settings, client: Client, name: str) -> None:
    assert client.get(f"/brand/0123456789abcdef/{name}").status_code == 404


def test_published_status_pages_are_made_anew_when_the_look_changes(branded: Settings) -> None:
    code_fingerprint.cache_clear()
    before = code_fingerprint()
    branded.PORTAL_BRAND_COLOR = "#0000ff"
    code_fingerprint.cache_clear()
    after = code_fingerprint()
    code_fingerprint.cache_clear()
    assert before != after


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("PORTAL_BRAND_COLOR", "teal", "portal.E010"),
        ("PORTAL_BRAND_COLOR_DARK", "#12345", "portal.E010"),
        ("PORTAL_LOGO", "/nowhere/logo.svg", "portal.E011"),
        ("PORTAL_FOOTER_LINKS", "Imprint", "portal.E012"),
    ],
)
def test_a_bad_value_is_told_with_what_to_write(settings: Settings, name: str, value: str, code: str) -> None:
    setattr(settings, name, value)
    (found,) = [message for message in checks.run_checks() if message.id == code]
    assert found.msg.startswith(f"{name}: ")
    assert found.hint
