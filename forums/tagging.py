"""Tags: spelt in one way, led to what they mean, made by those who may."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from forums.constants import MAX_TAGS, TAG_MAX_LENGTH
from forums.errors import ForumError
from forums.models import Community, Tag

_SEPARATORS = re.compile(r"[\s_/]+")
_OTHER = re.compile(r"[^a-z0-9.-]+")
_SPLIT = re.compile(r"[,;\s]+")


def split(text: str) -> list[str]:
    """Return the tags typed into one field, between commas or spaces."""
    return [word for word in _SPLIT.split(text) if word]


def spell(name: str) -> str:
    """Return a tag's spelling: small letters, digits, hyphens. Empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().lstrip("#")
    spelt = _OTHER.sub("", _SEPARATORS.sub("-", plain))
    return re.sub(r"([.-])[.-]+", r"\1", spelt)[:TAG_MAX_LENGTH].strip(".-")


def find_or_make(community: Community, names: Iterable[str]) -> Sequence[Tag]:
    """Return the tags of these names, synonyms led to what they mean, new ones made.

    Raises ``ForumError`` for more than ``MAX_TAGS``.
    """
    spelt = list(dict.fromkeys(slug for name in names if (slug := spell(name))))
    if len(spelt) > MAX_TAGS:
        raise ForumError(_("Give at most %(limit)s tags.") % {"limit": MAX_TAGS})
    known = {tag.slug: tag for tag in _named(community, spelt)}
    missing = sorted(set(spelt) - set(known))
    if missing:
        # Two writers may make one tag at once: the second finds the first's.
        Tag.objects.bulk_create([Tag(community=community, slug=slug) for slug in missing], ignore_conflicts=True)
        known |= {tag.slug: tag for tag in _named(community, missing)}
    meant = [known[slug].synonym_of or known[slug] for slug in spelt]
    return list(dict.fromkeys(meant))


def _named(community: Community, slugs: Sequence[str]) -> list[Tag]:
    return list(Tag.objects.filter(community=community, slug__in=slugs).select_related("synonym_of"))
