"""House rules of the architecture that no linter knows."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

SIBLINGS = ("cases", "forums", "status")
LAYERS = ["lib", "accounts", "files", "notifications", SIBLINGS, "dataloader", "bridges", "portal"]
OURS = ("accounts", "files", "notifications", *SIBLINGS, "dataloader", "bridges", "portal")


def rank(app_label: str) -> int:
    return next(
        number
        for number, layer in enumerate(LAYERS)
        if layer == app_label or (layer is SIBLINGS and app_label in layer)
    )


def may_know(one: str, other: str) -> bool:
    """A lower layer knows nothing of a higher one, siblings nothing of each other."""
    return one == other or rank(other) < rank(one)


def test_no_foreign_key_points_up_or_to_a_sibling() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for app_label in OURS
        for model in apps.get_app_config(app_label).get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model is not None
        and field.related_model._meta.app_label in OURS
        and not may_know(app_label, field.related_model._meta.app_label)
    ]
    assert wrong == []


@pytest.mark.django_db
def test_no_migration_depends_on_a_higher_layer_or_a_sibling() -> None:
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    wrong = [
        f"{app_label}.{name} -> {needed}"
        for (app_label, name), migration in migrations.items()
        if app_label in OURS
        for needed, _name in migration.dependencies
        if needed in OURS and not may_know(app_label, needed)
    ]
    assert wrong == []


def test_no_view_module_is_longer_than_one_sitting() -> None:
    root = Path(settings.BASE_DIR)
    too_long = {
        str(path.relative_to(root)): lines
        for app_label in (*OURS, "lib")
        for path in (root / app_label).rglob("*.py")
        if "migrations" not in path.parts and "demo" not in path.parts
        for lines in [len(path.read_text().splitlines())]
        if lines > 450
    }
    assert too_long == {}


def test_tasks_take_ids_only() -> None:
    """A task's arguments survive a queue, a restart and a release: numbers and strings."""
    root = Path(settings.BASE_DIR)
    wrong = []
    for path in root.glob("*/tasks.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("shared_task" in ast.dump(d) for d in node.decorator_list):
                wrong += [
                    f"{path.parent.name}.{node.name}({argument.arg})"
                    for argument in node.args.args
                    if argument.annotation is None or ast.unparse(argument.annotation) not in {"int", "str"}
                ]
    assert wrong == []
