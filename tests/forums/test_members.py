"""A person's public page: what it shows, to whom, and what it never shows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, User
from forums import changes, publishing, voting
from forums.constants import State
from forums.models import Topic
from tests.cast import SignedIn
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, comment, reply

pytestmark = pytest.mark.django_db


def page_of(person: User, show: str = "", client: Client | None = None) -> str:
    response = (client or Client()).get(f"/members/{person.handle}/", {"show": show} if show else {})
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_name_handle_reputation_and_topics(member: User, engineer: User) -> None:
    topic = ask(member, title="Orders stop syncing to NetSuite")
    voting.vote(post_id=topic.posts.get().pk, user=engineer)
    page = page_of(member)
    assert "Mel Carter" in page
    assert f"@{member.handle}" in page
    assert "<dd>10</dd>" in page
    assert "Orders stop syncing to NetSuite" in page
    assert "New member" in page


def test_it_shows_answers_and_accepted_ones_apart(member: User, engineer: User) -> None:
    topic = ask(member)
    taken = reply(topic, engineer, "Raise the **limit**.")
    reply(topic, engineer, "Or wait an hour.")
    voting.accept(post_id=taken.pk, actor=member)
    answers, accepted = page_of(engineer, "answers"), page_of(engineer, "accepted")
    assert "Raise the limit." in answers
    assert "Or wait an hour." in answers
    assert "Raise the limit." in accepted
    assert "Or wait an hour." not in accepted
    assert taken.get_absolute_url() in accepted


@pytest.mark.parametrize("show", ["", "answers", "accepted"])
def test_no_address_is_ever_shown(member: User, contact: Contact, administrator: User, show: str) -> None:
    topic = ask(member)
    answer = reply(topic, contact.user)
    comment(answer, member)
    voting.accept(post_id=answer.pk, actor=member)
    for reader in (None, member, administrator):
        client = Client()
        if reader:
            client.force_login(reader)
        for person in (contact.user, member):
            # The reader's own stands in the header, for them alone.
            assert person.email not in page_of(person, show, client).split("<main")[1]
            assert person == reader or person.email not in page_of(person, show, client)


@pytest.mark.parametrize("state", [State.HELD, State.HIDDEN, State.DELETED])
def test_only_what_is_published_is_shown_even_to_who_sees_more(
    member: User, engineer: User, moderator: User, state: State, as_user: SignedIn
) -> None:
    topic = ask(member, title="A topic that nobody may see")
    answer = reply(ask(engineer), member, "An answer that nobody may see.")
    for post in (topic.posts.get(), answer):
        publishing.set_state(changes.lock_post(post_id=post.pk, user=moderator), state)
    for client in (Client(), as_user(member), as_user(moderator)):
        assert "A topic that nobody may see" not in page_of(member, client=client)
        assert "An answer that nobody may see" not in page_of(member, "answers", client)
        assert "<dd>0</dd>" in page_of(member, client=client)


def test_an_answer_in_a_hidden_topic_is_not_shown(member: User, engineer: User) -> None:
    topic = ask(member)
    reply(topic, engineer, "An answer that went with its topic.")
    Topic.objects.update(state=State.HIDDEN)
    assert "An answer that went" not in page_of(engineer, "answers")


def test_what_stands_in_a_private_community_is_not_shown(member: User) -> None:
    topic = ask(member, title="A topic behind doors")
    topic.community.is_public = False
    topic.community.save()
    assert "A topic behind doors" not in page_of(member)


def test_nobody_is_404(db: None) -> None:
    assert Client().get("/members/nobody-0000/").status_code == 404


@pytest.mark.parametrize("handle", ["%00", "a%00b", "x" * 500, "%F0%9F%92%A9", "İstanbul"])
def test_a_damaged_handle_is_404(handle: str, db: None) -> None:
    assert Client().get(f"/members/{handle}/").status_code == 404


def test_an_erased_person_is_404(member: User) -> None:
    User.objects.filter(pk=member.pk).update(erased_at=timezone.now(), is_active=False)
    assert Client().get(f"/members/{member.handle}/").status_code == 404


def test_a_deactivated_person_still_has_their_name(member: User) -> None:
    ask(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert "Mel Carter" in page_of(member)


def test_another_spelling_leads_to_the_canonical_one(member: User) -> None:
    response = Client().get(f"/members/{member.handle.upper()}/?show=answers")
    assert response.status_code == 301
    assert response.headers["Location"] == f"/members/{member.handle}/?show=answers"


def test_an_unknown_tab_and_a_damaged_cursor_are_refused(member: User) -> None:
    assert Client().get(f"/members/{member.handle}/?show=mails").status_code == 404
    assert Client().get(f"/members/{member.handle}/?after=nonsense").status_code == 400


def test_staff_wear_a_badge(member: User, engineer: User) -> None:
    assert ">Team</span>" in page_of(engineer)
    assert ">Team</span>" not in page_of(member)


def test_moderators_find_the_way_to_moderation(
    member: User, engineer: User, moderator: User, as_user: SignedIn
) -> None:
    way = f"/moderation/members/{member.handle}/"
    assert way in page_of(member, client=as_user(moderator))
    for client in (Client(), as_user(member), as_user(engineer)):
        assert way not in page_of(member, client=client)


def test_the_person_finds_the_way_to_their_profile(member: User, engineer: User, as_user: SignedIn) -> None:
    assert 'href="/account/"' in page_of(member, client=as_user(member)).split("<main")[1]
    assert 'href="/account/"' not in page_of(member, client=as_user(engineer)).split("<main")[1]


def test_a_visitors_page_is_kept_by_caches_and_not_sent_twice(member: User) -> None:
    ask(member)
    first = Client().get(f"/members/{member.handle}/")
    assert "public" in first.headers["Cache-Control"]
    again = Client().get(f"/members/{member.handle}/", headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_person_who_wrote_nothing_is_not_for_search_engines(member: User) -> None:
    assert "noindex" in page_of(member)
    ask(member)
    assert "noindex" not in page_of(member)


def test_other_verbs_are_405(member: User) -> None:
    assert Client().post(f"/members/{member.handle}/").status_code == 405


@pytest.mark.parametrize("show", ["topics", "answers", "accepted"])
def test_two_rows_and_twenty_cost_the_same(member: User, show: str) -> None:
    asker: User = UserFactory()

    def write(count: int) -> None:
        for number in range(count):
            ask(member, title=f"Something I ask {number}", tags=["netsuite"])
            topic = ask(asker, title=f"Something that is asked {number}")
            voting.accept(post_id=reply(topic, member).pk, actor=asker)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(member, show)
        return len(queries)

    write(2)
    few = cost()
    write(18)
    assert cost() == few
    assert few <= 15
