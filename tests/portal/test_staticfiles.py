import json
from pathlib import Path

from django.core.management import call_command
from pytest_django import Settings

HASHING = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}


def test_every_file_that_a_stylesheet_or_script_names_is_there(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": HASHING}
    call_command("collectstatic", interactive=False, verbosity=0)  # fails on a file that is not found
    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    layers = (tmp_path / paths["css/layers.css"]).read_text()
    assert paths["bootstrap/css/bootstrap.min.css"].removeprefix("bootstrap/css/") in layers
    assert "layer(bootstrap)" in layers
