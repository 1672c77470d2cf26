"""What looks like spam is held for a moderator instead of being published.

Each signal is a code on the review; ``WORDS`` says what a moderator reads. None of them refuses anything: who was taken
for a spammer wrongly is read by a person, and loses nothing but a little time.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from forums import policies
from forums.constants import State, Trust
from forums.models import Member, Post
from lib import markdown

# Nobody reads a page and writes a text with a link faster; scripts do. A short word without one may be as quick, or
# pasted, and sells nothing.
FASTEST_SECONDS = 3.0
# Below this many characters, texts are alike because people are polite ("Thank you!").
COPY_MIN_LENGTH = 40
# The last posts of its author that a new one is compared with.
OWN_COMPARED = 20
# A text is compared with those among the portal's last posts that new members wrote or moderators hid.
LAST_COMPARED = 1_000

CONTENT_LINKS = 1  # a new member's text with more links than this, and few words beside them
WORDS_A_LINK = 12
# Error codes and headers of CSV files are written in capitals as well: words alone count, and there have to be some.
_SHOUTED_WORDS, _SHOUTED_SHARE = 6, 0.6
_WORD = re.compile(r"(?<![\w.-])[^\W\d_]{3,}(?![\w-])")
_EMOJI_COUNT, _EMOJI_SHARE = 8, 0.1
_SHORTENERS = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|t\.ly|goo\.gl|is\.gd|ow\.ly|cutt\.ly|rb\.gy|shorturl\.at|rebrand\.ly|t\.me|wa\.me)/",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:\+|\b1[-. (])(?:[-. ()]{0,2}\d){9,14}\b")

WORDS: Mapping[str, str | Promise] = {
    "honeypot": _l("filled in a field that people do not see"),
    "fast": _l("was sent within three seconds, with a link"),
    "stamp": _l("came without the page's time stamp"),
    "links": _l("has many links for a new member"),
    "shortener": _l("hides where a link leads"),
    "phone": _l("advertises a phone number"),
    "shouting": _l("is written in capitals"),
    "emoji": _l("is full of emoji"),
    "repeat": _l("repeats what its author wrote before"),
    "copy": _l("is the same text as another new member's"),
    "flags": _l("was flagged by several members"),
    "edit": _l("was changed after it was published"),
}


@dataclass(frozen=True, slots=True)
class Hints:
    """What the form told beside the text: the honeypot's content, and seconds since it was drawn.

    ``None`` seconds are a stamp that cannot be read. Without a form, as when a bridge writes, there is nothing to tell.
    """

    honeypot: str = ""
    seconds: float | None = math.inf


def signals(*, user: User, member: Member, title: str, body: str, hints: Hints) -> list[str]:
    """Return codes of what speaks against publishing at once; an empty list publishes.

    Trusted people are never held; what only the text says holds new members alone.
    """
    trust = policies.trust(user)
    if trust >= Trust.TRUSTED:
        return []
    found = _of_form(hints, body)
    if trust == Trust.NEW:
        found += of_text(title, body)
        found += _of_others(member, body)
    return found


def of_edit(*, user: User, before: tuple[str, str], after: tuple[str, str]) -> list[str]:
    """Return what an edit (of title and text) brings that would have held a new post: there is no way around that."""
    if policies.trust(user) != Trust.NEW:
        return []
    known = of_text(*before)
    found = [code for code in of_text(*after) if code not in known]
    return [*found, "edit"] if found else []


def of_text(title: str, body: str) -> list[str]:
    """Return what a text itself says."""
    words = markdown.words_of(body)
    both = f"{title}\n{words}"
    links = markdown.link_count(body)
    spoken = _WORD.findall(both)
    shouted = sum(map(str.isupper, spoken))
    emoji = sum(_is_emoji(character) for character in both)
    tests = {
        "links": links > CONTENT_LINKS and len(words.split()) < links * WORDS_A_LINK,
        "shortener": _SHORTENERS.search(body) or _SHORTENERS.search(title),
        "phone": _PHONE.search(title) or (links and _PHONE.search(words)),
        "shouting": shouted >= _SHOUTED_WORDS and shouted > _SHOUTED_SHARE * len(spoken),
        "emoji": emoji >= _EMOJI_COUNT and emoji > _EMOJI_SHARE * len(both),
    }
    return [code for code, speaks in tests.items() if speaks]


def _of_form(hints: Hints, body: str) -> list[str]:
    if hints.honeypot:
        return ["honeypot"]
    if hints.seconds is None:
        return ["stamp"]
    return ["fast"] if hints.seconds < FASTEST_SECONDS and markdown.link_count(body) else []


def _of_others(member: Member, body: str) -> list[str]:
    if len(body) < COPY_MIN_LENGTH:
        return []
    folded = _fold(body)
    own = Post.objects.filter(author=member.user_id).order_by("-id").values_list("body", flat=True)[:OWN_COMPARED]
    if any(_fold(text) == folded for text in own):
        return ["repeat"]
    last = Post.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    latest = Post.objects.filter(pk__gt=last - LAST_COMPARED).exclude(author=member.user_id)
    now = timezone.now()
    is_new = Q(author__forum_member__first_posted_at=None) | Q(
        author__forum_member__first_posted_at__gt=now - policies.NEW_FOR
    )
    suspect = latest.filter(is_new | Q(state=State.HIDDEN)).values_list("body", flat=True)
    return ["copy"] if any(_fold(text) == folded for text in suspect) else []


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So"
