"""What is measured of the communities, for a visitor and for a member."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse

from benchmarks.page import DEEP, DEEP_PAGE, FLOOR, MEDIAN, QUERIES, SEARCH_P95, Page
from forums.models import Category, Community, Post, Tag, Topic
from forums.seeds import MAIN
from forums.views import listing
from forums.views import topic as topic_page
from lib import keyset

COMMON, TWO, TYPO, CODE = "flow", "certificate expired", "certifcate expierd", "UNABLE_TO_LOCK_ROW"
TITLE = "Why does the upsert fail although the external id is set?"
TEXT = "Since the last release our nightly flow stops with an error after about two hundred rows, and no retry helps."


def pages() -> list[Page]:
    """Return every page of the communities."""
    return [*_lists(), *_topics(), *_writing(), *_searches(), *_deep()]


def _page(title: str, person: str, url: str, **changes: object) -> Page:
    page = Page(title, person, url, f"{FLOOR} member", max_queries=QUERIES, max_median=MEDIAN)
    return replace(page, **changes)  # type: ignore[arg-type]


def _main() -> Community:
    return Community.objects.get(slug=MAIN)


def _lists() -> list[Page]:
    main = _main()
    shelf = Category.objects.get(community=main, slug="integrations")
    tag = Tag.objects.filter(community=main).order_by("-topic_count")[0]
    rare = Tag.objects.filter(community=main, topic_count__gt=0).order_by("topic_count")[0]
    found = []
    for person in ("visitor", "member"):
        found += [
            _page(f"Community home, latest, {person}", person, main.prefix),
            _page(f"Community home, unanswered, {person}", person, f"{main.prefix}?show=unanswered"),
            _page(f"Community home, top, {person}", person, f"{main.prefix}?show=top"),
            _page(f"Category, {person}", person, main.url("category", category=shelf.slug)),
            _page(f"Tag, much used, {person}", person, main.url("tag", tag=tag.slug)),
        ]
    return [
        *found,
        _page("Community home, my topics", "member", f"{main.prefix}?show=mine"),
        _page("Tag, little used", "visitor", main.url("tag", tag=rare.slug)),
        _page("Tags", "visitor", main.url("tags")),
        _page("Data Loader home", "visitor", reverse("dataloader:home")),
    ]


def _topics() -> list[Page]:
    middle = Topic.objects.filter(kind="question", answer_count__gt=3, accepted_post__isnull=False).order_by("id")[500:]
    topic = middle[0] if len(middle[:1]) else Topic.objects.filter(answer_count__gt=0).order_by("id")[0]
    note = f"{topic.answer_count} answers"
    return [
        replace(_page(f"Topic, {person}", person, topic.get_absolute_url()), note=note)
        for person in ("visitor", "member")
    ]


def _writing() -> list[Page]:
    main = _main()
    return [
        _page("Ask", "member", main.url("ask")),
        _page(
            "Similar topics",
            "member",
            main.url("similar"),
            data={"title": TITLE, "body": TEXT},
            max_median=None,
            max_p95=SEARCH_P95,
        ),
    ]


def _searches() -> list[Page]:
    main = _main()
    words = {"common word": COMMON, "two words": TWO, "typo": TYPO, "code": CODE, "phrase": '"no retry"', "long": TITLE}
    found = []
    for kind, word in words.items():
        for where, url, view in (
            ("everywhere", reverse("search"), "community"),
            ("in a community", main.url("search"), ""),
        ):
            page = _page(f"Search {where}: {kind}", "visitor", url, query={"q": word, "in": view})
            found.append(replace(page, max_median=None, max_p95=SEARCH_P95))
    return found


def _deep() -> list[Page]:
    """Return first and 5,000th pages of a list and of the longest topic, and that topic's last page."""
    main = _main()
    order = ("-bumped_at", "-id")
    rows = Topic.objects.filter(community=main).listed().order_by(*order)
    found = _first_and(
        "Latest topics", main.prefix, (listing, "PAGE_SIZE"), rows, order, number=DEEP_PAGE, size=listing.PAGE_SIZE
    )
    long = Topic.objects.order_by("-answer_count")[0]
    replies = Post.objects.filter(topic=long).replies()
    for size in (topic_page.PAGE_SIZE, 2):
        by = ("score_rank", "number") if long.is_question else ("number",)
        last = (long.answer_count - 1) // size + 1
        found += _first_and(
            f"Topic of {long.answer_count:,} replies",
            long.get_absolute_url(),
            (topic_page, "PAGE_SIZE"),
            replies.order_by(*by),
            by,
            number=min(last, DEEP_PAGE),
            size=size,
        )
    return found


def _first_and(
    what: str,
    url: str,
    setting: tuple[object, str],
    rows: "Sequence[Topic] | Sequence[Post] | object",
    order: Sequence[str],
    *,
    number: int,
    size: int,
) -> list[Page]:
    place = (number - 1) * size - 1
    found = list(rows[place : place + 1])  # type: ignore[index]
    if not found:
        return []
    first = _page(f"{what}, page 1 of {size} rows", "visitor", url, patch=(*setting, size), max_median=None)
    deep = _page(
        f"{what}, page {number:,} of {size} rows",
        "visitor",
        url,
        query={"after": keyset.cursor_after(found[0], order)},
        patch=(*setting, size),
        against=first.title,
        max_median=DEEP,
    )
    return [first, deep]
