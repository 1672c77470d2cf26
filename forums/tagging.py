"""Tags: spelt in one way, led to what they mean, made by those who may."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from forums import policies
from forums.constants import MAX_TAGS, TAG_MAX_LENGTH, State
from forums.errors import ForumError
from forums.models import Community, Tag, TopicTag, Watch

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


def cannot_mean(tag: Tag, meant: Tag, *, community: Community) -> str:
    """Return why ``tag`` (of ``community``) cannot be a synonym of ``meant``; empty when it can."""
    if meant.pk == tag.pk:
        return _("A tag cannot mean itself.")
    if meant.community_id != community.pk:
        return _("That tag belongs to another community.")
    if meant.synonym_of_id is not None:
        return _("That tag is a synonym itself. Choose the one it means.")
    return ""


@transaction.atomic
def make_synonym(*, tag_id: int, of_id: int, actor: User) -> int:
    """Lead a tag to another: its topics, watchers and own synonyms go along. Returns how many topics it had.

    Raises ``ForumError``.
    """
    # Whoever gives a topic one of the tags at this moment waits, and finds the synonym afterwards.
    locked = Tag.objects.select_for_update().in_bulk(sorted((tag_id, of_id)))
    tag, meant = locked[tag_id], locked[of_id]
    if not policies.moderate(actor, tag.community):
        raise ForumError(_("Only moderators of this community may do this."))
    if problem := cannot_mean(tag, meant, community=tag.community):
        raise ForumError(problem)
    Tag.objects.filter(synonym_of=tag).update(synonym_of=meant)
    theirs = TopicTag.objects.filter(tag=meant).values("topic")
    had = TopicTag.objects.filter(tag=tag).count()
    TopicTag.objects.filter(tag=tag).exclude(topic__in=theirs).update(tag=meant)
    TopicTag.objects.filter(tag=tag).delete()
    Watch.objects.filter(tag=tag).exclude(user__in=Watch.objects.filter(tag=meant).values("user")).update(tag=meant)
    Watch.objects.filter(tag=tag).delete()
    tag.synonym_of, tag.topic_count = meant, 0
    tag.save(update_fields=["synonym_of", "topic_count"])
    meant.topic_count = TopicTag.objects.filter(tag=meant, topic__state=State.PUBLISHED).count()
    meant.save(update_fields=["topic_count"])
    return had
