"""Communities and how they are divided: categories, tags, moderators."""

from functools import cache

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.translation import gettext_lazy as _l

from forums.constants import SEARCH_CONFIGS, TAG_MAX_LENGTH, TopicKind
from forums.querysets import CommunityQuerySet, TagQuerySet


class Icon(models.TextChoices):
    """The icons of ``portal/icons.py`` that a community may carry."""

    COMMUNITY = "community", _l("Speech bubbles")
    DATA = "data", _l("Database")
    BOOK = "book", _l("Book")
    CODE = "code", _l("Code")
    USERS = "users", _l("People")
    GLOBE = "globe", _l("Globe")


class Accent(models.TextChoices):
    """The colours of a community's header, each with a light and a dark form in the stylesheet."""

    TEAL = "teal", _l("Teal")
    BLUE = "blue", _l("Blue")
    VIOLET = "violet", _l("Violet")
    AMBER = "amber", _l("Amber")
    GREEN = "green", _l("Green")


class Wording(models.TextChoices):
    """What a community calls a topic that is no question."""

    DISCUSSION = "discussion", _l("Discussion")
    POST = "post", _l("Post")


class SearchScope(models.TextChoices):
    """Where a search begins that is made inside a community."""

    OWN = "own", _l("This community")
    EVERYWHERE = "everywhere", _l("Every community")


def every_kind() -> list[str]:
    """Return the kinds of topics that a new community takes."""
    return list(TopicKind.values)


class Community(models.Model):
    """A place with its own address, categories, tags, moderators, look and search."""

    slug = models.SlugField(_l("address"), max_length=40, unique=True, help_text=_l("Part of its address."))
    name = models.CharField(_l("name"), max_length=60)
    tagline = models.CharField(_l("tagline"), max_length=160, blank=True)
    icon = models.CharField(_l("icon"), max_length=20, choices=Icon, default=Icon.COMMUNITY)
    accent = models.CharField(_l("colour"), max_length=10, choices=Accent, default=Accent.TEAL)
    wording = models.CharField(
        _l("a topic that is no question is a"), max_length=12, choices=Wording, default=Wording.DISCUSSION
    )
    kinds = ArrayField(
        models.CharField(max_length=12, choices=TopicKind), verbose_name=_l("kinds of topics"), default=every_kind
    )
    search_config = models.CharField(
        _l("language of its texts"),
        max_length=20,
        choices=SEARCH_CONFIGS,
        default="english",
        help_text=_l("PostgreSQL's text-search configuration. A change rebuilds the index in the background."),
    )
    search_scope = models.CharField(_l("search begins in"), max_length=10, choices=SearchScope, default=SearchScope.OWN)
    is_open = models.BooleanField(_l("open for posts"), default=True)
    is_public = models.BooleanField(_l("visible to everybody"), default=True)
    position = models.PositiveSmallIntegerField(_l("position"), default=10)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _l("community")
        verbose_name_plural = _l("communities")
        ordering = ["position", "id"]
        permissions = [("moderate", "Can moderate every community")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of its home."""
        return self.prefix

    @property
    def prefix(self) -> str:
        """Return where its pages begin, such as ``/forums/``."""
        return prefix_of(self.slug)

    @property
    def topics_url(self) -> str:
        """Return where all of its topics stand: its home, unless an app above the forums has put another page there."""
        return _topics_url(self.slug, get_script_prefix())

    def url(self, name: str, **arguments: object) -> str:
        """Return the address of one of its pages, by the names in ``forums.urls``."""
        namespace, kwargs = _mount(self.slug)
        return reverse(f"{namespace}:{name}", kwargs={**kwargs, **arguments})


def prefix_of(slug: str) -> str:
    """Return where the pages of the community of this slug begin."""
    return _prefix(slug, get_script_prefix())


def _mount(slug: str) -> tuple[str, dict[str, str]]:
    namespace = settings.COMMUNITY_MOUNTS.get(slug)
    return (namespace, {}) if namespace else ("communities", {"community": slug})


@cache
def _prefix(slug: str, _script_prefix: str) -> str:
    # Worked out once: a list of topics asks for it in every row.
    namespace, kwargs = _mount(slug)
    return reverse(f"{namespace}:home", kwargs=kwargs)


@cache
def _topics_url(slug: str, script_prefix: str) -> str:
    namespace, kwargs = _mount(slug)
    try:
        return reverse(f"{namespace}:topics", kwargs=kwargs)
    except NoReverseMatch:
        return _prefix(slug, script_prefix)


class CommunityModerator(models.Model):
    """Somebody who moderates one community, staff or not. The role *moderator* moderates all of them."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="moderators")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _l("moderator")
        verbose_name_plural = _l("moderators")
        constraints = [models.UniqueConstraint(fields=["community", "user"], name="community_moderator_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.community}"


class Category(models.Model):
    """A shelf of a community; each topic stands on one."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="categories")
    slug = models.SlugField(_l("address"), max_length=40)
    name = models.CharField(_l("name"), max_length=60)
    description = models.CharField(_l("description"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_l("position"), default=10)
    is_for_staff = models.BooleanField(
        _l("only moderators and staff start topics here"), default=False, help_text=_l("Everybody may reply.")
    )

    class Meta:
        verbose_name = _l("category")
        verbose_name_plural = _l("categories")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["community", "slug"], name="category_slug_once")]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that topics of a community are found by. A synonym leads to the tag that is meant."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="tags")
    slug = models.SlugField(
        _l("tag"),
        max_length=TAG_MAX_LENGTH,
        validators=[RegexValidator(r"\A[a-z0-9]+(?:[-.][a-z0-9]+)*\Z", _l("Use small letters, digits and hyphens."))],
    )
    description = models.CharField(_l("description"), max_length=200, blank=True)
    synonym_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="synonyms", verbose_name=_l("means")
    )
    # Published topics that carry it: kept by the verbs, set right each night.
    topic_count = models.PositiveIntegerField(default=0, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _l("tag")
        verbose_name_plural = _l("tags")
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["community", "slug"], name="tag_slug_once")]
        indexes = [
            # Reader: the page of a community's tags, most used first.
            models.Index(fields=["community", "-topic_count", "-id"], name="tag_most_used"),
        ]

    def __str__(self) -> str:
        return self.slug
