"""The part of ``expectations`` that belongs to the communities: each kind of address in each kind of place."""

from collections.abc import Mapping

from django.urls import reverse

from tests.portal.expecting import ANONYMOUS, DESK, Expectation, Url, desk, fixed, of_case, public, signed_in
from tests.portal.world import World

# Who moderates every community.
MODERATORS = ("moderator", "manager", "administrator")
STAFF = (*DESK, "csm", "moderator", "operator")


def of_topic(name: str) -> Url:
    return lambda world: reverse(name, args=[world.topic.pk])


def of_opening(name: str) -> Url:
    return lambda world: reverse(name, args=[world.opening.pk])


def of_answer(name: str) -> Url:
    return lambda world: reverse(name, args=[world.answer.pk])


def act(url: Url, answer: str = "302", **answers: str) -> Expectation:
    """A POST of somebody signed in; ``answers`` names what single roles get in the place of ``answer``."""
    by_answer: dict[str, list[str]] = {"sign-in": [ANONYMOUS]}
    for role, other in answers.items():
        by_answer.setdefault(other, []).append(role)
    return Expectation(url, by_answer, rest=answer, method="POST")


def moderators(url: Url, *, method: str = "GET", answer: str = "200", rest: str = "403") -> Expectation:
    """For who moderates every community."""
    answers = {"sign-in": [ANONYMOUS], answer: MODERATORS}
    return Expectation(url, answers, rest=rest, method=method, wrong_verb_role="moderator")


def community(namespace: str, place: Mapping[str, object], topic: str, shelf: str) -> Mapping[str, Expectation]:
    """Return the addresses of one community: everybody reads, who is signed in asks."""

    def page(name: str, **arguments: object) -> Url:
        return lambda _world: reverse(f"{namespace}:{name}", kwargs={**place, **arguments})

    def topic_page(name: str, **arguments: object) -> Url:
        return lambda world: reverse(
            f"{namespace}:{name}", kwargs={**place, "pk": getattr(world, topic).pk, **arguments}
        )

    def canonical(world: World) -> str:
        address: str = getattr(world, topic).get_absolute_url()
        return address

    tag = "netsuite" if namespace == "forums" else "csv"
    return {
        f"{namespace}:home": public(page("home")),
        f"{namespace}:ask": signed_in(page("ask")),
        f"{namespace}:similar": signed_in(page("similar"), method="POST"),
        f"{namespace}:search": public(page("search")),
        f"{namespace}:category": public(page("category", category=shelf)),
        f"{namespace}:tags": public(page("tags")),
        f"{namespace}:tag": public(page("tag", tag=tag)),
        f"{namespace}:topic_by_number": Expectation(topic_page("topic_by_number"), {}, rest="301"),
        f"{namespace}:topic": public(canonical),
        f"{namespace}:leaderboard": public(page("leaderboard")),
        f"{namespace}:activity": public(page("activity")),
        f"{namespace}:feed": public(page("feed")),
        f"{namespace}:category_feed": public(page("category_feed", category=shelf)),
        f"{namespace}:tag_feed": public(page("tag_feed", tag=tag)),
    }


FORUM_EXPECTATIONS: Mapping[str, Expectation] = {
    **community("forums", {}, "topic", "integrations"),
    **community("dataloader", {}, "loader_topic", "loading"),
    **community("communities", {"community": "labs"}, "labs_topic", "all"),
    "search": public(fixed("search")),
    "palette": public(fixed("palette")),
    # Posts and acts
    "discuss:permalink": Expectation(of_answer("discuss:permalink"), {}, rest="302"),
    "discuss:comments": public(of_answer("discuss:comments")),
    "discuss:history": public(of_answer("discuss:history")),
    "discuss:comment": signed_in(of_answer("discuss:comment")),
    "discuss:edit": Expectation(
        of_opening("discuss:edit"), {"sign-in": [ANONYMOUS], "200": ["member", *MODERATORS]}, rest="403"
    ),
    # The member is told no; then its author, the contact, takes it back, and only moderators see it still.
    "discuss:delete": Expectation(
        of_answer("discuss:delete"),
        {"sign-in": [ANONYMOUS], "302": ["member", "contact", *MODERATORS]},
        rest="404",
        method="POST",
    ),
    # For its author; to everybody else it is as if it were not there.
    "discuss:undelete": Expectation(
        of_answer("discuss:undelete"), {"sign-in": [ANONYMOUS], "302": ["contact"]}, rest="404", method="POST"
    ),
    "discuss:vote": act(of_answer("discuss:vote")),
    "discuss:unvote": act(of_answer("discuss:unvote")),
    "discuss:accept": act(of_answer("discuss:accept")),
    "discuss:bookmark": act(of_answer("discuss:bookmark")),
    "discuss:unbookmark": act(of_answer("discuss:unbookmark")),
    "discuss:flag": signed_in(of_answer("discuss:flag")),
    "discuss:reply": act(of_topic("discuss:reply"), "422"),
    "discuss:unaccept": act(of_topic("discuss:unaccept")),
    "discuss:mark_read": act(of_topic("discuss:mark_read"), "400"),
    "discuss:change_state": act(of_topic("discuss:change_state"), "400"),
    "discuss:retag": Expectation(
        of_topic("discuss:retag"), {"sign-in": [ANONYMOUS], "200": ["member", *STAFF]}, rest="403"
    ),
    "discuss:move": moderators(of_topic("discuss:move")),
    "discuss:merge": moderators(of_topic("discuss:merge")),
    "discuss:duplicate": moderators(of_topic("discuss:duplicate")),
    "discuss:mark_all_read": act(fixed("discuss:mark_all_read")),
    "discuss:watch": act(fixed("discuss:watch"), "400"),
    "discuss:preview": signed_in(fixed("discuss:preview"), method="POST"),
    "discuss:stage_image": act(fixed("discuss:stage_image"), "422"),
    "discuss:image": public(lambda world: reverse("discuss:image", args=[world.image.token])),
    "discuss:save_draft": act(fixed("discuss:save_draft"), "400"),
    "discuss:discard_draft": act(fixed("discuss:discard_draft"), "400"),
    "discuss:restore_draft": act(fixed("discuss:restore_draft"), "400"),
    # People
    "members:profile": public(lambda world: reverse("members:profile", args=[world.topic.author.handle])),
    "forum_account:watching": signed_in(fixed("forum_account:watching")),
    "forum_account:bookmarks": signed_in(fixed("forum_account:bookmarks")),
    "forum_account:drafts": signed_in(fixed("forum_account:drafts")),
    # The Data Loader's own
    "dataloader:topics": public(fixed("dataloader:topics")),
    "dataloader:errors": public(fixed("dataloader:errors")),
    "dataloader:error": public(lambda _world: reverse("dataloader:error", args=["UNABLE_TO_LOCK_ROW"])),
    # Between cases and the community
    "bridges:make_case": desk(of_topic("bridges:make_case")),
    # This case is not solved: nobody publishes it yet.
    "bridges:publish": Expectation(
        of_case("bridges:publish"), {"sign-in": [ANONYMOUS]}, rest="403", wrong_verb_role="engineer"
    ),
    # Moderation
    "moderation:queue": moderators(fixed("moderation:queue")),
    "moderation:trail": moderators(fixed("moderation:trail")),
    "moderation:decide": moderators(
        lambda world: reverse("moderation:decide", args=[world.review.pk]), method="POST", answer="400"
    ),
    # The manager has hidden it by the time that the last two come.
    "moderation:hide": Expectation(
        of_answer("moderation:hide"),
        {"sign-in": [ANONYMOUS], "302": MODERATORS, "404": ["csm", "operator"]},
        rest="403",
        method="POST",
        wrong_verb_role="moderator",
    ),
    "moderation:restore": moderators(of_answer("moderation:restore"), method="POST", answer="302"),
    "moderation:member": moderators(lambda world: reverse("moderation:member", args=[world.topic.author.handle])),
    "moderation:change_standing": moderators(
        lambda world: reverse("moderation:change_standing", args=[world.topic.author.handle]),
        method="POST",
        answer="422",
    ),
    "moderation:clean_up": moderators(
        lambda world: reverse("moderation:clean_up", args=[world.topic.author.handle]), method="POST", answer="422"
    ),
    # Search engines
    "sitemaps:index": public(fixed("sitemaps:index")),
    "sitemaps:block": public(lambda _world: reverse("sitemaps:block", args=["community", 0])),
    "sitemaps:robots": public(fixed("sitemaps:robots")),
}
