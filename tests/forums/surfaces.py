"""Every surface on which what people write may appear: pages, feeds, files for crawlers, by the names of addresses.

``WALKED`` says which addresses show each; ``NOT_A_SURFACE`` names those that show nothing of others. A new address has
to be put into one of them: ``tests/forums/test_spam_is_gone.py`` fails until it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from forums.models import Community, Post, Topic

# What only spam holds. The second is searched for: a page that finds nothing still shows what was searched.
MARK, BAIT, TAG = "zorblax", "quuxify", "zorblax-deals"
CODE = "UNABLE_TO_LOCK_ROW"
COMMUNITIES = ("forums", "dataloader", "communities")


@dataclass(frozen=True)
class Place:
    """A community in which there is spam: what honest people wrote, and what a spammer put there."""

    community: Community
    shelf: str
    honest: Topic
    honest_answer: Post
    topic: Topic
    opening: Post
    reply: Post
    comment: Post
    image: str

    @property
    def spam(self) -> Sequence[Post]:
        """Return every post of the spammer."""
        return (self.opening, self.reply, self.comment)


@dataclass(frozen=True)
class Scene:
    """Everything that a walk needs."""

    places: Mapping[str, Place]
    spammer: User
    others: Sequence[User] = ()


@dataclass(frozen=True)
class Ask:
    """One request: a POST when there is ``data``."""

    url: str
    data: Mapping[str, str] | None = None
    is_part: bool = False


Asks = Callable[[Scene, Place], Sequence[Ask]]


def _of_community(name: str, *queries: str, **arguments: str) -> Asks:
    def asks(_scene: Scene, place: Place) -> Sequence[Ask]:
        values = {key: value.format(shelf=place.shelf) for key, value in arguments.items()}
        return [Ask(place.community.url(name, **values) + query) for query in queries or ("",)]

    return asks


def _topic(_scene: Scene, place: Place) -> Sequence[Ask]:
    return [
        *(Ask(place.honest.get_absolute_url() + query) for query in ("", "?sort=oldest", "?sort=newest")),
        Ask(place.topic.get_absolute_url()),
    ]


def _by_number(_scene: Scene, place: Place) -> Sequence[Ask]:
    return [Ask(place.community.url("topic_by_number", pk=place.topic.pk))]


def _similar(_scene: Scene, place: Place) -> Sequence[Ask]:
    return [Ask(place.community.url("similar"), data={"title": f"How do I {BAIT} my orders", "body": BAIT})]


def _ask(_scene: Scene, place: Place) -> Sequence[Ask]:
    # Without JavaScript the similar topics stand on a step before posting.
    data = {"title": f"How do I {BAIT} my orders", "body": f"{BAIT} them", "kind": "question", "category": place.shelf}
    return [Ask(place.community.url("ask")), Ask(place.community.url("ask"), data=data)]


def _search(_scene: Scene, place: Place) -> Sequence[Ask]:
    url = place.community.url("search")
    return [
        Ask(f"{url}?q={BAIT}"),
        Ask(f"{url}?q={BAIT[:-1]}ie"),
        Ask(f"{url}?q=%22{BAIT}%22"),
        Ask(f"{url}?q={CODE}"),
        Ask(f"{url}?q=orders&answered=yes"),
    ]


def _of_spam(name: str) -> Asks:
    return lambda _scene, place: [Ask(reverse(name, args=[post.pk])) for post in place.spam]


def _permalinks(_scene: Scene, place: Place) -> Sequence[Ask]:
    return [Ask(reverse("discuss:permalink", args=[post.pk])) for post in place.spam]


def _comments(_scene: Scene, place: Place) -> Sequence[Ask]:
    url = reverse("discuss:comments", args=[place.honest_answer.pk])
    return [Ask(url), Ask(url, is_part=True)]


def _forms(name: str) -> Asks:
    """Return the forms that quote what they answer."""
    return lambda _scene, place: [Ask(reverse(name, args=[post.pk])) for post in place.spam]


def _topic_forms(name: str) -> Asks:
    return lambda _scene, place: [Ask(reverse(name, args=[place.topic.pk]))]


def _fixed(name: str, *queries: str) -> Asks:
    return lambda _scene, _place: [Ask(reverse(name) + query) for query in queries or ("",)]


def _profile(scene: Scene, _place: Place) -> Sequence[Ask]:
    people = (scene.spammer, *scene.others)
    return [
        Ask(reverse("members:profile", args=[user.handle]) + query)
        for user in people
        for query in ("", "?show=answers", "?show=accepted")
    ]  # fmt: skip


def _sitemap_blocks(_scene: Scene, place: Place) -> Sequence[Ask]:
    return [Ask(reverse("sitemaps:block", args=[place.community.slug, block])) for block in (0, 1)]


def _image(_scene: Scene, place: Place) -> Sequence[Ask]:
    return [Ask(reverse("discuss:image", args=[place.image]))]


def _errors(name: str, **arguments: str) -> Asks:
    return lambda _scene, _place: [Ask(reverse(f"dataloader:{name}", kwargs=arguments))]


_COMMUNITY: Mapping[str, Asks] = {
    "home": _of_community("home", "", "?show=unanswered", "?show=top", "?show=mine"),
    "category": _of_community("category", "", "?show=unanswered", "?show=top", category="{shelf}"),
    "tags": _of_community("tags"),
    "tag": _of_community("tag", tag="orders"),
    "topic": _topic,
    "topic_by_number": _by_number,
    "ask": _ask,
    "similar": _similar,
    "search": _search,
    "leaderboard": _of_community("leaderboard", "", "?period=all"),
    "feed": _of_community("feed"),
    "category_feed": _of_community("category_feed", category="{shelf}"),
    "tag_feed": _of_community("tag_feed", tag="orders"),
}

WALKED: Mapping[str, Asks] = {
    **{f"{namespace}:{name}": asks for namespace in COMMUNITIES for name, asks in _COMMUNITY.items()},
    "dataloader:topics": _fixed("dataloader:topics"),
    "dataloader:errors": _errors("errors"),
    "dataloader:error": _errors("error", code=CODE),
    "search": _fixed("search", f"?q={BAIT}", f"?q={BAIT}&in=community", f"?q={BAIT}&sort=newest"),
    # It shows titles alone, and what was typed: a word of the title that is not looked for here.
    "palette": _fixed("palette", f"?q={BAIT}", "?q=licences", "?q=licen"),
    "home": _fixed("home"),
    "discuss:permalink": _permalinks,
    "discuss:comments": _comments,
    "discuss:history": _of_spam("discuss:history"),
    "discuss:comment": _forms("discuss:comment"),
    "discuss:edit": _forms("discuss:edit"),
    "discuss:flag": _forms("discuss:flag"),
    "discuss:reply": _topic_forms("discuss:reply"),
    "discuss:retag": _topic_forms("discuss:retag"),
    "discuss:move": _topic_forms("discuss:move"),
    "discuss:merge": _topic_forms("discuss:merge"),
    "discuss:duplicate": _topic_forms("discuss:duplicate"),
    "discuss:image": _image,
    "members:profile": _profile,
    "forum_account:watching": _fixed("forum_account:watching"),
    "forum_account:bookmarks": _fixed("forum_account:bookmarks"),
    "forum_account:drafts": _fixed("forum_account:drafts"),
    "sitemaps:index": _fixed("sitemaps:index"),
    "sitemaps:block": _sitemap_blocks,
    "notifications:centre": _fixed("notifications:centre"),
}  # fmt: skip

# Walked, and yet they show no text of others even while it is published: rows of names, empty forms, lists of files.
SILENT = {
    *(f"{namespace}:leaderboard" for namespace in COMMUNITIES),
    "home",
    "dataloader:errors",
    "discuss:edit",
    "discuss:retag",
    "discuss:move",
    "discuss:merge",
    "discuss:duplicate",
    "discuss:image",
    "sitemaps:index",
}

# An act answers with a redirect or a part of the page that is walked; the rest shows nothing that others wrote, or is
# for moderators and the team, who see what was hidden.
NOT_A_SURFACE = {
    *(
        f"discuss:{act}"
        for act in (
            "delete", "vote", "unvote", "accept", "bookmark", "unbookmark", "unaccept", "mark_read", "change_state",
            "mark_all_read", "watch", "preview", "stage_image", "save_draft", "discard_draft",
            "restore_draft", "undelete",
        )
    ),
    *(
        f"moderation:{page}"
        for page in ("queue", "trail", "decide", "hide", "restore", "member", "change_standing", "clean_up")
    ),
    # Numbers alone
    *(f"{namespace}:activity" for namespace in COMMUNITIES),
    "bridges:cases_of_incident",
    "bridges:link_incident",
    "bridges:make_case",
    "bridges:publish",
    "bridges:unlink_incident",
    "sitemaps:robots",
}  # fmt: skip

OF_FORUMS = (*COMMUNITIES, "discuss", "members", "moderation", "forum_account", "sitemaps", "bridges")
