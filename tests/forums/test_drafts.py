"""Drafts: typed here, found there, never brought back once sent."""

import re
import threading
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Contact, User
from forums import drafts, editing
from forums.constants import State
from forums.forms import ReplyForm, seconds_since
from forums.models import Community, Draft, Post, Topic
from tests.cast import SignedIn
from tests.factories.forums import ask, comment, main_community, reply

pytestmark = pytest.mark.django_db

URL = "/forums/drafts/"
DISCARD = "/forums/drafts/discard/"


@pytest.fixture
def topic(member: User) -> Topic:
    return ask(member)


def typed(key: str, body: str = "Half a thought", version: int = 0, **more: str) -> dict[str, str | int]:
    return {"key": key, "version": version, "body": body, "title": "", "tags": "", "category": "", **more}


def kept(client: Client, key: str, body: str = "Half a thought", version: int = 0) -> int:
    answer = client.post(URL, typed(key, body, version))
    assert answer.status_code == 200, answer.content
    number: int = answer.json()["version"]
    return number


def test_what_is_typed_is_kept_and_counted(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    client, key = as_user(contact.user), drafts.reply_key(topic)
    first = client.post(URL, typed(key)).json()
    assert first["saved"] == "Draft saved"
    assert client.post(URL, typed(key, "A whole thought", first["version"])).json()["version"] > first["version"]
    assert Draft.objects.get().body == "A whole thought"


def test_another_device_of_the_same_person_finds_it(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    as_user(contact.user).post(URL, typed(drafts.reply_key(topic)))
    device = as_user(contact.user)
    for address in (f"/forums/topics/{topic.pk}/reply/", topic.get_absolute_url()):
        page = device.get(address).content.decode()
        assert "Half a thought" in page
        assert "Draft from" in page
        assert f'data-draft-version="{Draft.objects.get().version}"' in page


def test_every_form_has_its_draft(topic: Topic, member: User, contact: Contact, as_user: SignedIn) -> None:
    client, post = as_user(contact.user), reply(topic, contact.user)
    for key, address in (
        (drafts.comment_key(post), f"/forums/posts/{post.pk}/comment/"),
        (drafts.edit_key(post), f"/forums/posts/{post.pk}/edit/"),
        (drafts.ask_key(main_community()), "/forums/ask/"),
    ):
        assert client.post(URL, typed(key, f"Draft of {key}")).status_code == 200
        assert f"Draft of {key}" in client.get(address).content.decode()


def test_an_older_window_does_not_overwrite(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    client, key = as_user(contact.user), drafts.reply_key(topic)
    first = kept(client, key)
    kept(client, key, "Newer", first)
    for version in (0, first):
        answer = client.post(URL, typed(key, "Older", version))
        assert answer.status_code == 409
        assert "Reload" in answer.json()["message"]
    assert Draft.objects.get().body == "Newer"


def test_the_draft_after_one_that_was_sent_is_not_taken_for_it(
    topic: Topic, contact: Contact, as_user: SignedIn
) -> None:
    client, key = as_user(contact.user), drafts.reply_key(topic)
    version = kept(client, key)
    with transaction.atomic():
        drafts.forget(contact.user, key)
    kept(client, key, "Another")
    assert client.post(URL, typed(key, "Old", version)).status_code == 409
    assert Draft.objects.get().body == "Another"


@pytest.mark.parametrize("is_known", [False, True])
def test_a_window_goes_on_though_the_answer_to_its_last_save_got_lost(
    is_known: bool, topic: Topic, contact: Contact, as_user: SignedIn
) -> None:
    client, key, address = as_user(contact.user), drafts.reply_key(topic), f"{URL}?form={uuid4()}"
    first = client.post(address, typed(key, "One")).json()["version"] if is_known else 0
    client.post(address, typed(key, "One two", first))
    assert client.post(address, typed(key, "One two three", first)).status_code == 200
    assert client.post(f"{URL}?form={uuid4()}", typed(key, "Old", first)).status_code == 409
    assert Draft.objects.get().body == "One two three"


def test_each_window_of_an_edit_knows_its_own_draft(topic: Topic, member: User, as_user: SignedIn) -> None:
    client, post = as_user(member), topic.posts.get()
    addresses = {_draft_url(client, f"/forums/posts/{post.pk}/edit/") for _window in range(2)}
    assert len(addresses) == 2
    key = drafts.edit_key(post)
    answers = [client.post(one, typed(key)).status_code for one in addresses for _turn in range(2)]
    assert answers == [200, 200, 409, 409]


def _draft_url(client: Client, page: str) -> str:
    found = re.search(r'data-draft-url="([^"]+)"', client.get(page).content.decode())
    assert found
    return unescape(found[1])


def test_a_window_does_not_go_on_with_what_was_discarded(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    client, key, address = as_user(contact.user), drafts.reply_key(topic), f"{URL}?form={uuid4()}"
    version = client.post(address, typed(key)).json()["version"]
    client.post(DISCARD, {"key": key})
    assert client.post(address, typed(key, "More", version)).status_code == 409


def test_an_emptied_form_has_no_draft(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    client, key = as_user(contact.user), drafts.reply_key(topic)
    version = kept(client, key)
    assert client.post(URL, typed(key, " \n", version)).json() == {"version": 0, "saved": ""}
    assert not Draft.objects.exists()
    assert kept(client, key, "Again") > version


@pytest.mark.parametrize("was_kept", [False, True])
def test_a_save_that_comes_after_sending_brings_nothing_back(
    was_kept: bool, topic: Topic, contact: Contact, as_user: SignedIn
) -> None:
    client, key, token = as_user(contact.user), drafts.reply_key(topic), str(uuid4())
    address = f"{URL}?form={token}"
    version = client.post(address, typed(key)).json()["version"] if was_kept else 0
    client.post(f"/forums/topics/{topic.pk}/reply/", {"body": "Sent.", "submission_token": token})
    assert client.post(address, typed(key, "Sent.", version)).status_code == 409
    assert not Draft.objects.exists()


def test_a_save_that_comes_after_an_edit_brings_nothing_back(topic: Topic, member: User, as_user: SignedIn) -> None:
    post = topic.posts.get()
    editing.edit_post(post_id=post.pk, editor=member, body="Edited.", version=1)
    key = drafts.edit_key(post)
    assert as_user(member).post(f"{URL}?edits=1", typed(key)).status_code == 409
    assert as_user(member).post(f"{URL}?edits=2", typed(key)).status_code == 200


@pytest.mark.parametrize("query", ["form=x", "form=", "edits=x", "edits=-1", "edits=99999999999999999999", "form=%00"])
def test_an_odd_address_says_nothing(query: str, topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    assert as_user(contact.user).post(f"{URL}?{query}", typed(drafts.reply_key(topic))).status_code == 200


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("", 400), ("x" * 61, 400), ("reply", 404), ("reply:x", 404), ("reply:0", 404), ("reply:999999999999", 404),
        ("reply:9999999999999999999999", 404), ("vote:1", 404), ("reply:1\n", 404),
        ("reply:\uff11", 404), ("\x00", 400),
    ],
)  # fmt: skip
def test_a_key_of_nothing_is_refused(key: str, status: int, contact: Contact, as_user: SignedIn) -> None:
    assert as_user(contact.user).post(URL, typed(key)).status_code == status
    assert not Draft.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_a_version_is_a_number(version: str, topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    sent = typed(drafts.reply_key(topic)) | {"version": version}
    assert as_user(contact.user).post(URL, sent).status_code == 400


def test_a_text_longer_than_a_post_is_kept_and_one_beyond_reason_is_not(
    topic: Topic, contact: Contact, as_user: SignedIn
) -> None:
    client, key = as_user(contact.user), drafts.reply_key(topic)
    answer = client.post(URL, typed(key, "x" * 200_001, kept(client, key, "x" * 60_000)))
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")


def test_what_cannot_be_seen_has_no_draft(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    Topic.objects.update(state=State.HIDDEN)
    hidden = Community.objects.create(slug="secret", name="Secret", is_public=False)
    for key in (drafts.reply_key(topic), drafts.comment_key(topic.posts.get()), drafts.ask_key(hidden)):
        assert as_user(contact.user).post(URL, typed(key)).status_code == 404


def test_a_draft_is_ones_own(topic: Topic, contact: Contact, engineer: User, as_user: SignedIn) -> None:
    key = drafts.reply_key(topic)
    as_user(contact.user).post(URL, typed(key, "Mine"))
    assert "Mine" not in as_user(engineer).get(f"/forums/topics/{topic.pk}/reply/").content.decode()
    as_user(engineer).post(DISCARD, {"key": key})
    assert Draft.objects.get().user == contact.user


def test_a_visitor_has_none(topic: Topic, client: Client) -> None:
    assert client.post(URL, typed(drafts.reply_key(topic)))["Location"].startswith("/accounts/login/")
    script = {"X-Requested-With": "XMLHttpRequest"}
    for address in (URL, DISCARD):
        assert client.post(address, typed(drafts.reply_key(topic)), headers=script).status_code == 401
        assert client.get(address).status_code == 302


def test_other_verbs_are_refused(contact: Contact, as_user: SignedIn) -> None:
    assert as_user(contact.user).get(URL).status_code == 405
    assert as_user(contact.user).get(DISCARD).status_code == 405


def test_a_draft_is_discarded_by_a_script_and_by_a_page(topic: Topic, contact: Contact, as_user: SignedIn) -> None:
    client, key = as_user(contact.user), drafts.reply_key(topic)
    client.post(URL, typed(key))
    assert client.post(DISCARD, {"key": key}).json() == {"version": 0, "saved": ""}
    client.post(URL, typed(key))
    answer = client.post(DISCARD, {"key": key, "body": "Half"}, headers={"Accept": "text/html,*/*"})
    assert answer["Location"] == f"/forums/topics/{topic.pk}/reply/"
    assert not Draft.objects.filter(discarded_at=None).exists()
    assert client.post(DISCARD, {"key": ""}).status_code == 400
    gone = client.post(DISCARD, {"key": "reply:999999"}, headers={"Accept": "text/html"})
    assert gone["Location"] == "/account/drafts/"


def test_places_of_many_drafts_take_three_queries(
    topic: Topic, engineer: User, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    posts = [reply(topic, engineer) for _turn in range(5)]
    posts += [comment(posts[0], engineer)]
    keys = [drafts.ask_key(main_community()), drafts.reply_key(topic), "reply:999999", "nonsense"]
    keys += [key for post in posts for key in (drafts.comment_key(post), drafts.edit_key(post))]
    drafts.places(engineer, keys)
    with CaptureQueriesContext(connection) as captured:
        found = drafts.places(engineer, keys)
    assert len(captured) == 3
    assert set(found) == set(keys) - {"reply:999999", "nonsense"}
    assert found[drafts.edit_key(posts[0])].url == f"/forums/posts/{posts[0].pk}/edit/"


def test_the_oldest_of_too_many_makes_room(topic: Topic, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.drafts.MAX_DRAFTS", 2)
    for number in (1, 2, 3):
        drafts.keep(member, f"reply:{number}", body="Kept")
    assert sorted(Draft.objects.values_list("key", flat=True)) == ["reply:2", "reply:3"]


def test_forgotten_drafts_are_swept(topic: Topic, member: User) -> None:
    drafts.keep(member, "reply:1", body="Old")
    Draft.objects.update(updated_at=timezone.now() - timedelta(days=91))
    drafts.keep(member, "reply:2", body="New")
    assert drafts.sweep() == 1
    assert Draft.objects.get().key == "reply:2"


def test_who_finds_their_text_again_may_send_it_at_once(topic: Topic, member: User) -> None:
    draft = drafts.keep(member, drafts.reply_key(topic), body="Half a thought")
    draft.updated_at = timezone.now() - timedelta(hours=1)
    seconds = seconds_since(ReplyForm(topic=topic, draft=draft)["stamp"].value())
    assert seconds
    assert seconds > 3_000


@pytest.mark.django_db(transaction=True)
def test_of_two_windows_that_begin_at_once_one_is_told(member: User, contact: Contact, as_user: SignedIn) -> None:
    topic, answers = ask(member), []

    def save(body: str) -> None:
        answers.append(as_user(contact.user).post(URL, typed(drafts.reply_key(topic), body)).status_code)
        connections.close_all()

    threads = [threading.Thread(target=save, args=[body]) for body in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409]
    assert Draft.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_save_waits_for_its_form_that_is_being_sent(member: User, contact: Contact, as_user: SignedIn) -> None:
    topic, token, answers = ask(member), uuid4(), []
    key, client = drafts.reply_key(topic), as_user(contact.user)

    def save() -> None:
        answers.append(client.post(f"{URL}?form={token}", typed(key)).status_code)
        connections.close_all()

    thread = threading.Thread(target=save)
    with transaction.atomic():
        drafts.forget(contact.user, key)
        thread.start()
        # It cannot answer before this ends, however long it takes to ask.
        thread.join(timeout=0.5)
        Post.objects.filter(pk=reply(topic, contact.user).pk).update(submission_token=token)
    thread.join()
    assert answers == [409]
    assert not Draft.objects.exists()
