"""What every portal starts with, and that a second run leaves alone what people changed."""

import pytest

from dataloader import seeds
from dataloader.models import ErrorCode
from tests.factories.dataloader import code, loader

pytestmark = pytest.mark.django_db


def test_the_community_is_there_with_its_shelves() -> None:
    community = loader()
    assert community.prefix == "/data-loader/"
    assert community.topics_url == "/data-loader/topics/"
    assert [shelf.slug for shelf in community.categories.all() if shelf.is_for_staff] == ["start-here"]
    assert (community.wording, community.search_scope, community.accent) == ("post", "own", "blue")
    assert set(community.kinds) == {"question", "discussion", "announcement"}


def test_the_codes_are_there_rendered_and_related() -> None:
    assert ErrorCode.objects.count() == len(seeds.read_codes()) >= 30
    lock = code()
    assert "<li>" in lock.fix_html
    assert lock.related.filter(code="REQUEST_LIMIT_EXCEEDED").exists()
    assert lock.example_line.startswith('"A-1042","Acme","UNABLE_TO_LOCK_ROW: unable to obtain')


def test_every_code_that_ships_is_well_formed() -> None:
    for one in ErrorCode.objects.all():
        one.full_clean()
        assert one.first_step
        assert one.example.startswith(f"{one.code}: ")
        assert one.related.exists()


def test_a_second_run_keeps_what_was_edited() -> None:
    ErrorCode.objects.filter(code="UNABLE_TO_LOCK_ROW").update(title="Changed here")
    community = loader()
    community.name = "Loader"
    community.save()
    seeds.seed()
    assert code().title == "Changed here"
    assert loader().name == "Loader"
    assert ErrorCode.objects.count() == len(seeds.read_codes())


def test_a_code_that_a_release_adds_is_added() -> None:
    code().delete()
    seeds.seed()
    assert code().related.exists()
