import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from portal.bundles import BUNDLES, Own, compose
from portal.staticfiles import BundleFinder

HASHING = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
PAGE_FILE = re.compile(r'/static/([^"]+\.(?:css|js))"')
AT_ONCE = re.compile(r'(?: src| rel="stylesheet" href)="/static/')


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    root = tmp_path / "collected"
    settings.STATIC_ROOT = root
    settings.BUNDLES_DIR = tmp_path / "bundles"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": HASHING}
    call_command("collectstatic", interactive=False, verbosity=0)  # fails on a file that is not found
    return root


def test_bundles_are_collected_under_hashed_names_and_compressed(collected: Path) -> None:
    paths = json.loads((collected / "staticfiles.json").read_text())["paths"]
    for name in BUNDLES:
        assert paths[name] != name
        assert (collected / f"{paths[name]}.br").exists()


@pytest.mark.parametrize("name", ["css/site.css", "css/site.rtl.css"])
@pytest.mark.parametrize("small", [True, False], ids=["small", "readable"])
def test_bootstrap_stands_in_the_layer_below_ours(name: str, small: bool) -> None:
    text = re.sub(r"\s+", "", compose(name, small=small))
    order = text.index("@layerbootstrap,tokens,base,components,pages;")
    assert order < text.index("@layerbootstrap{") < text.index("@layertokens{") < text.index("@layerpages{")
    # Either would be void, or cut the layer short, in the middle of a file.
    assert "@charset" not in text
    assert "sourceMappingURL" not in text
    assert text.count("{") == text.count("}")


def test_a_licence_stays_where_its_code_goes() -> None:
    assert "Licensed under MIT" in compose("css/site.css", small=True)


def test_a_bundle_follows_its_sources_while_one_develops(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BUNDLES_DIR = tmp_path / "bundles"
    sheet = tmp_path / "static" / "css" / "one.css"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(".one { color: red; }")
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    monkeypatch.setitem(BUNDLES, "css/tried.css", [Own("css/one.css")])
    finder = BundleFinder()
    found = Path(finder.find("css/tried.css"))
    assert ".one" in found.read_text()
    sheet.write_text(".other { color: red; }")
    assert Path(finder.find("css/tried.css")) == found
    assert ".other" in found.read_text()


def test_a_name_that_is_no_bundle_is_left_to_other_finders() -> None:
    finder = BundleFinder()
    assert finder.find("css/tokens.css") == []
    assert finder.find("../css/site.css") == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/support/", "/forums/", "/accounts/login/"])
def test_a_page_asks_for_few_files_and_each_is_served(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    names = PAGE_FILE.findall(page)
    assert "css/site.css" in names
    # What stands in an attribute or a template is fetched when it is first wanted.
    assert len(AT_ONCE.findall(page)) <= 6
    for name in names:
        assert client.get(f"/static/{name}").status_code == 200
