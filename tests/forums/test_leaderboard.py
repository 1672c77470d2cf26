"""The leaderboard of a community."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forums import counting, voting
from forums.models import Community, Standing
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, main_community

pytestmark = pytest.mark.django_db


def earn(person: User, voter: User) -> None:
    voting.vote(post_id=ask(person).posts.get().pk, user=voter)


@pytest.mark.parametrize("address", ["/forums/leaderboard/", "/forums/leaderboard/?period=all"])
def test_it_names_who_helped_and_never_their_address(member: User, engineer: User, address: str) -> None:
    earn(member, engineer)
    counting.write_standings()
    page = Client().get(address).content.decode()
    assert "Mel Carter" in page
    assert f"/members/{member.handle}/" in page
    assert member.email not in page


def test_before_anybody_earned_anything_it_says_so(db: None) -> None:
    response = Client().get("/forums/leaderboard/")
    assert response.status_code == 200
    assert b"Nobody yet" in response.content


def test_an_unknown_period_is_404(db: None) -> None:
    assert Client().get("/forums/leaderboard/?period=century").status_code == 404


def test_an_unknown_or_private_community_is_404(db: None) -> None:
    assert Client().get("/communities/nowhere/leaderboard/").status_code == 404
    Community.objects.update(is_public=False)
    assert Client().get("/forums/leaderboard/").status_code == 404


def test_other_verbs_are_405(db: None) -> None:
    assert Client().post("/forums/leaderboard/").status_code == 405


def test_caches_keep_it(member: User, engineer: User) -> None:
    first = Client().get("/forums/leaderboard/")
    assert Client().get("/forums/leaderboard/", headers={"if-none-match": first.headers["ETag"]}).status_code == 304
    earn(member, engineer)
    counting.write_standings()
    assert Client().get("/forums/leaderboard/", headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_two_rows_and_twenty_cost_the_same(db: None) -> None:
    def cost(count: int) -> int:
        Standing.objects.all().delete()
        Standing.objects.bulk_create(
            Standing(
                community=main_community(), period="month", rank=rank, user=person, reputation=9, posts=1, accepted=0
            )
            for rank, person in enumerate(UserFactory.create_batch(count), start=1)
        )
        with CaptureQueriesContext(connection) as queries:
            Client().get("/forums/leaderboard/")
        return len(queries)

    assert cost(2) == cost(20) <= 15
