"""One walk over every surface: spam that a moderator hides is nowhere to be found, nor is spam that waits for one."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Contact, User
from files import staging
from forums import counting, drafts, moderating, organising, posting, publishing, standing, voting, watching
from forums.constants import Level, PostKind, State
from forums.models import Category, Community, Member, Post, Tag, Topic
from forums.posting import NewTopic
from notifications import sending
from notifications.models import Channel, Delivery
from tests.cast import SignedIn
from tests.factories.accounts import UserFactory
from tests.factories.forums import ask, comment, reply, unlimited
from tests.forums.surfaces import (
    BAIT,
    CODE,
    MARK,
    NOT_A_SURFACE,
    OF_FORUMS,
    SILENT,
    TAG,
    WALKED,
    Ask,
    Place,
    Scene,
)
from tests.portal.test_routing import addresses

pytestmark = pytest.mark.django_db

SHELVES = {"community": "integrations", "data-loader": "loading", "labs": "all"}
NAMESPACES = {"forums": "community", "dataloader": "data-loader", "communities": "labs"}
# Enough for a slow machine; a mail is due before and not after.
SOON, LATER = timedelta(minutes=1), timedelta(days=30)


def test_every_address_of_the_forums_is_a_surface_or_none() -> None:
    """Put a new address into ``WALKED``, or say in ``NOT_A_SURFACE`` that it shows nothing of others."""
    known = {address.name for address in addresses() if address.name.split(":")[0] in OF_FORUMS}
    assert sorted(known - set(WALKED) - NOT_A_SURFACE) == []
    assert sorted((set(WALKED) | NOT_A_SURFACE) - {address.name for address in addresses()}) == []


def picture(owner: User) -> str:
    file = io.BytesIO()
    Image.new("RGB", (3, 2), "white").save(file, "PNG")
    return staging.stage(owner=owner, file=ContentFile(file.getvalue()), name="offer.png").token


def make_place(slug: str, spammer: User, reader: User, fan: User) -> Place:
    """Let the spammer open a topic, answer and comment; let others keep, watch, vote and answer what they wrote."""
    shelf = Category.objects.select_related("community").get(community__slug=slug, slug=SHELVES[slug])
    honest = ask(reader, title=f"Orders fail in {slug}", body=f"We get {CODE} for them.", tags=["orders"], shelf=shelf)
    answer = reply(honest, fan, "Load them in smaller batches.")
    image = picture(spammer)
    spam = NewTopic(
        title=f"Orders fail? {MARK} licences",
        body=f"{MARK} helps with {CODE}, {BAIT} it! ![{MARK}](/forums/images/{image}/)",
        tags=["orders", TAG],
    )
    with unlimited():
        topic = posting.ask(community=shelf.community, category=shelf, author=spammer, new=spam)
    opening = topic.posts.get()
    fake = reply(honest, spammer, f"{MARK}: {BAIT} your orders, {CODE} is gone")
    remark = comment(answer, spammer, f"{MARK} and {BAIT} are cheaper")
    own_comment = comment(opening, fan, "Is this about orders at all?")
    organising.mark_duplicate(
        topic_id=ask(fan, title=f"Orders again in {slug}", tags=["orders"], shelf=shelf).pk,
        of_id=topic.pk,
        actor=fan_as_moderator(),
    )
    for post in (opening, fake):
        voting.vote(post_id=post.pk, user=reader)
    voting.accept(post_id=fake.pk, actor=reader)
    for post in (opening, fake, remark, own_comment):
        organising.bookmark(post_id=post.pk, user=reader)
    watching.watch(user=reader, target=topic)
    drafts.keep(reader, drafts.reply_key(topic), body="I would like to know")
    return Place(shelf.community, shelf.slug, honest, answer, topic, opening, fake, remark, image)


def fan_as_moderator() -> User:
    user: User = UserFactory(is_staff=True, is_superuser=True)
    return user


@pytest.fixture
def scene(member: User, contact: Contact, mailoutbox: list[object]) -> Scene:
    labs = Community.objects.create(slug="labs", name="Labs", position=30)
    Category.objects.create(community=labs, slug="all", name="Everything")
    spammer, fan = UserFactory(display_name="Sally Sparks"), UserFactory(display_name="Fanny Frank")
    Member.objects.create(user=spammer, first_posted_at=timezone.now() - timedelta(days=9))
    for community in Community.objects.all():
        watching.watch(user=member, target=community)
        watching.watch(user=contact.user, target=community, level=Level.DAILY)
        watching.watch(user=fan, target=Tag.objects.get_or_create(community=community, slug="orders")[0])
    places = {slug: make_place(slug, spammer, member, fan) for slug in SHELVES}
    counting.write_standings()
    # The notification centres have it before anybody has seen that it is spam; the mails wait.
    Delivery.objects.filter(channel=Channel.MAIL).update(not_before=timezone.now() + LATER)
    sending.run()
    mailoutbox.clear()
    return Scene(places=places, spammer=spammer, others=[member, fan])


def readers(scene: Scene, contact: Contact, as_user: SignedIn) -> Mapping[str, Client]:
    return {"visitor": Client(), "member": as_user(scene.others[0]), "contact": as_user(contact.user)}


def asks(scene: Scene) -> Iterator[tuple[str, Ask]]:
    seen: set[tuple[str, str]] = set()
    for name, make in WALKED.items():
        only = NAMESPACES.get(name.split(":")[0])
        for slug, place in scene.places.items():
            if only in (None, slug):
                for one in make(scene, place):
                    key = (one.url, str(one.data) + str(one.is_part))
                    if key not in seen:
                        seen.add(key)
                        yield name, one


def found(client: Client, one: Ask, scene: Scene) -> list[str]:
    """Return what of the spam an answer holds; an answer is a page, never an error of the server."""
    headers = {"HX-Request": "true"} if one.is_part else {}
    if one.data is None:
        response = client.get(one.url, headers=headers)
    else:
        response = client.post(one.url, one.data, headers=headers)
    assert response.status_code in (200, 301, 302, 403, 404, 422), f"{one.url}: {response.status_code}"
    if response.headers.get("Content-Type", "").startswith("image/"):
        return ["image"]
    said = (b"".join(response) if response.streaming else response.content).decode()
    said += response.headers.get("Location", "")
    if response.status_code == 404:
        # The page says where it was not found, and leads there again after signing in: what was asked, given back.
        said = said.replace(one.url, "").replace(quote(one.url), "").replace(quote(one.url, safe=""), "")
        # And it offers to search for the words of that address.
        said = re.sub(r'(name="q" value=")[^"]*', r"\1", said)
    marks = [MARK, *(place.image for place in scene.places.values())]
    return [mark for mark in marks if mark in said.lower() or mark in said]


def walk(scene: Scene, clients: Mapping[str, Client], *, once: bool = False) -> dict[str, list[str]]:
    """Return where spam was found, by the names of addresses; ``once`` is content with one place for each."""
    places: dict[str, list[str]] = {}
    for name, one in asks(scene):
        for reader, client in clients.items():
            if once and name in places:
                break
            if marks := found(client, one, scene):
                places.setdefault(name, []).append(f"{reader} finds {marks} at {one.url}")
    return places


def every_spam(scene: Scene) -> Sequence[Post]:
    return [post for place in scene.places.values() for post in place.spam]


def hide(scene: Scene, moderator: User) -> None:
    for post in every_spam(scene):
        moderating.hide(post_id=post.pk, actor=moderator)


def hold(scene: Scene, moderator: User) -> None:
    for post in every_spam(scene):
        publishing.hold(Post.objects.select_related("topic__community", "parent").get(pk=post.pk), ["links"])


def clean_up(scene: Scene, moderator: User) -> None:
    assert standing.clean_up(person=scene.spammer, actor=moderator, reason="Spam")


Sweep = Callable[[Scene, User], None]


def test_before_a_moderator_acts_the_walk_finds_it(scene: Scene, contact: Contact, as_user: SignedIn) -> None:
    assert sorted(set(WALKED) - SILENT - set(walk(scene, readers(scene, contact, as_user), once=True))) == []


@pytest.mark.parametrize("sweep", [hide, hold, clean_up])
def test_spam_is_gone_from_every_surface(
    sweep: Sweep, scene: Scene, contact: Contact, moderator: User, as_user: SignedIn, mailoutbox: list[object]
) -> None:
    sweep(scene, moderator)
    # What the beat writes later does not bring it back either.
    for write in (counting.write_standings, counting.recount_members, counting.recount_topics, counting.recount_tags):
        write()
    assert walk(scene, readers(scene, contact, as_user)) == {}
    _assert_nobody_is_told(scene, mailoutbox)
    _assert_counts_are_right(scene)
    _assert_moderators_see_it(scene, as_user(moderator), is_held=sweep is hold)


def _assert_nobody_is_told(scene: Scene, mailoutbox: list[object]) -> None:
    """Run the worker on all mails, digests too, that were written while the spam was there."""
    Delivery.objects.filter(state=Delivery.State.PENDING).update(not_before=timezone.now() - SOON)
    sending.run()
    told = [str(mail.message()) for mail in mailoutbox if mail.to != [scene.spammer.email]]  # type: ignore[attr-defined]
    assert told, "Honest posts are told of as ever."
    assert [mail for mail in told if MARK in mail.lower() or "Sally Sparks" in mail] == []


def _assert_counts_are_right(scene: Scene) -> None:
    for place in scene.places.values():
        honest = Topic.objects.get(pk=place.honest.pk)
        assert (honest.answer_count, honest.accepted_post) == (1, None)
        assert honest.last_poster == place.honest_answer.author
        assert Post.objects.get(pk=place.honest_answer.pk).comment_count == 0
        tags = Tag.objects.filter(community=place.community)
        assert dict(tags.values_list("slug", "topic_count")) == {"orders": 2, TAG: 0}
    spammer = Member.objects.get(user=scene.spammer)
    assert (spammer.post_count, spammer.reputation) == (0, 0)


def _assert_moderators_see_it(scene: Scene, client: Client, *, is_held: bool) -> None:
    assert (MARK in client.get("/moderation/").content.decode()) == is_held
    assert MARK in client.get(f"/moderation/members/{scene.spammer.handle}/").content.decode()
    assert MARK in client.get("/moderation/trail/").content.decode()
    place = scene.places["community"]
    assert MARK in client.get(place.topic.get_absolute_url()).content.decode()


def test_only_its_author_sees_what_waits(scene: Scene, moderator: User, as_user: SignedIn) -> None:
    hold(scene, moderator)
    place = scene.places["community"]
    client = as_user(scene.spammer)
    assert MARK in client.get(place.topic.get_absolute_url()).content.decode()
    for url in (place.community.prefix, f"/search/?q={BAIT}", place.community.url("feed")):
        assert MARK not in client.get(url).content.decode()


def test_the_author_does_not_see_what_is_hidden(scene: Scene, moderator: User, as_user: SignedIn) -> None:
    hide(scene, moderator)
    assert walk(scene, {"spammer": as_user(scene.spammer)}) == {}


def test_restored_it_is_back(scene: Scene, moderator: User, contact: Contact, as_user: SignedIn) -> None:
    hide(scene, moderator)
    for post in every_spam(scene):
        moderating.restore(post_id=post.pk, actor=moderator)
    # What was taken out of the notification centres stays out.
    gone = {"notifications:centre"}
    assert sorted(set(WALKED) - SILENT - gone - set(walk(scene, readers(scene, contact, as_user), once=True))) == []
    assert Topic.objects.listed().filter(posts__kind=PostKind.OPENING, author=scene.spammer).count() == 3
    assert not Post.objects.filter(author=scene.spammer).exclude(state=State.PUBLISHED).exists()
