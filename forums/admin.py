"""Operators' screens: how communities are configured, tags merged; and a read-only view of what people wrote.

Communities are an administrator's; tags, and what is to look at, whoever moderates every community.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.admin.base import BoundedPaginator, QuietAdmin, ReadOnlyAdmin, TabularInline
from accounts.models import User
from forums import policies, tagging
from forums.constants import TopicKind
from forums.errors import ForumError
from forums.models import (
    Category,
    Community,
    CommunityModerator,
    Member,
    ModerationEvent,
    Post,
    Review,
    Tag,
    Topic,
)
from notifications import nudge

if TYPE_CHECKING:
    # Generic for type checkers only.
    CommunityModelForm = forms.ModelForm[Community]
    TagModelForm = forms.ModelForm[Tag]
else:
    CommunityModelForm = TagModelForm = forms.ModelForm

_KEY_DIGITS = 18  # of a number that the database takes


class CommunityForm(CommunityModelForm):
    """A community; its kinds of topics are boxes to tick."""

    kinds = forms.MultipleChoiceField(
        label=_l("Kinds of topics"),
        choices=TopicKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_l("What people may start here. Topics of a kind that you take away stay."),
    )

    class Meta:
        model = Community
        fields = (
            "slug", "name", "tagline", "icon", "accent", "wording", "kinds", "search_config", "search_scope",
            "is_open", "is_public", "position",
        )  # fmt: skip


class CategoryInline(TabularInline):
    """The shelves; one with topics stays."""

    model = Category
    fields = ("position", "name", "slug", "description", "is_for_staff")
    extra = 0
    prepopulated_fields = {"slug": ("name",)}


class ModeratorInline(TabularInline):
    """Who moderates this community alone; the role *moderator* moderates all."""

    model = CommunityModerator
    fields = ("user",)
    raw_id_fields = ("user",)
    extra = 0


@admin.register(Community)
class CommunityAdmin(QuietAdmin):
    """Communities: a new one is a row here, and has its address at once."""

    form = CommunityForm
    inlines = (CategoryInline, ModeratorInline)
    list_display = ("name", "address", "search_config", "is_open", "is_public", "position")
    ordering = ("position", "id")
    fieldsets = (
        (None, {"fields": ("name", "slug", "tagline", "position")}),
        (_l("Look"), {"fields": ("icon", "accent")}),
        (_l("What people write"), {"fields": ("wording", "kinds", "is_open", "is_public")}),
        (_l("Search"), {"fields": ("search_config", "search_scope")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's hook
        """Keep the address of a community that is there: links lead to it."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators, as long as nothing was written or decided there; the portal's own come back by themselves."""
        if not isinstance(obj, Community) or not request.user.is_superuser:
            return False
        is_own = obj.slug in settings.COMMUNITY_MOUNTS
        is_used = obj.topics.exists() or ModerationEvent.objects.filter(community=obj).exists()
        return not is_own and not is_used

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:  # noqa: ARG002 - Django's hook
        """Name what goes: the community with its empty shelves."""
        return [str(one) for one in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Community) -> None:  # noqa: ARG002 - Django's hook
        """Delete an unused community with its shelves."""
        obj.categories.all().delete()
        obj.delete()

    def save_model(self, request: HttpRequest, obj: Community, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's hook
        """Save; another language of the texts begins a new index in the background."""
        super().save_model(request, obj, form, change)
        if change and "search_config" in form.changed_data:
            nudge.send("forums.tasks.search_rebuild")
            messages.info(
                request,
                _("The search index is being rebuilt in the background. Until it is ready, search uses the old one."),
            )

    @admin.display(description=_l("address"))
    def address(self, community: Community) -> SafeString:
        """Return the way there."""
        return format_html('<a href="{}">{}</a>', community.get_absolute_url(), community.prefix)


class _ForModerators(QuietAdmin):
    """Screens of whoever moderates every community."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Moderators of every community, and administrators."""
        return _may_moderate(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Moderators of every community, and administrators."""
        return _may_moderate(request)


class TagForm(TagModelForm):
    """A tag. Giving it a meaning moves its topics to that tag."""

    class Meta:
        model = Tag
        fields = ("community", "slug", "description", "synonym_of")

    def clean(self) -> dict[str, Any]:
        """Refuse a meaning that cannot be."""
        cleaned = super().clean() or {}
        meant, community = cleaned.get("synonym_of"), cleaned.get("community") or self.instance.community
        if meant is not None:
            problem = tagging.cannot_mean(self.instance, meant, community=community)
            if problem:
                self.add_error("synonym_of", problem)
        return cleaned


@admin.register(Tag)
class TagAdmin(_ForModerators):
    """Tags: describe them, and lead one to another."""

    form = TagForm
    fields = ("community", "slug", "description", "synonym_of", "topic_count")
    list_display = ("slug", "community", "topic_count", "synonym_of")
    list_filter = ("community", ("synonym_of", admin.EmptyFieldListFilter))
    list_select_related = ("community", "synonym_of")
    raw_id_fields = ("synonym_of",)
    search_fields = ("slug",)
    ordering = ("slug", "id")
    sortable_by = ()
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Moderators of every community, and administrators."""
        return _may_moderate(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Moderators of every community, and administrators."""
        return _may_moderate(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's hook
        """Keep place and spelling of a tag that is there: links lead to it."""
        return ("community", "slug", "topic_count") if obj else ("topic_count",)

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's hook
        """Save; a new meaning goes through the verb, which moves the topics."""
        meant = obj.synonym_of if "synonym_of" in form.changed_data else None
        if meant is None:
            super().save_model(request, obj, form, change)
            return
        obj.synonym_of = Tag.objects.get(pk=obj.pk).synonym_of if change else None
        super().save_model(request, obj, form, change)
        try:
            moved = tagging.make_synonym(tag_id=obj.pk, of_id=meant.pk, actor=_person(request))
        except ForumError as refusal:  # somebody changed the other tag meanwhile
            messages.error(request, str(refusal))
            return
        obj.refresh_from_db()
        messages.info(request, _("%(number)s topics carry the other tag now.") % {"number": moved})


class _ToLookAt(ReadOnlyAdmin, _ForModerators):
    """Rows that are found by their number and changed by acts on the pages of the community only."""

    sortable_by = ()
    paginator = BoundedPaginator
    search_fields = ("pk",)
    search_help_text = _l("Number")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:  # noqa: ARG002 - Django's hook
        """Find a row by its number; other words find nothing."""
        term = search_term.replace("\x00", "").strip().removeprefix("#")
        if not term:
            return queryset, False
        is_number = term.isascii() and term.isdecimal() and len(term) <= _KEY_DIGITS
        return (queryset.filter(pk=int(term)) if is_number else queryset.none()), False


@admin.register(Topic)
class TopicAdmin(_ToLookAt):
    """Topics to look up."""

    list_display = ("id", "title", "community", "kind", "state", "author", "created_at", "page")
    list_display_links = ("id", "title")
    list_filter = ("state", "community", "kind")
    list_select_related = ("community", "author")
    ordering = ("-id",)
    fields = (
        "page", "community", "category", "kind", "title", "author", "state", "created_at", "bumped_at", "answer_count",
        "score", "is_closed", "is_locked", "pinned_at", "duplicate_of", "merged_into",
    )  # fmt: skip
    readonly_fields = ("page",)

    @admin.display(description=_l("page"))
    def page(self, topic: Topic) -> SafeString:
        """Return the way to where it is moderated."""
        return _link(topic.get_absolute_url())


@admin.register(Post)
class PostAdmin(_ToLookAt):
    """Posts to look up."""

    list_display = ("id", "kind", "topic_id", "state", "author", "created_at", "page")
    list_filter = ("state", "kind")
    list_select_related = ("author",)
    ordering = ("-id",)
    fields = (
        "page",
        "topic",
        "kind",
        "parent",
        "author",
        "state",
        "body",
        "score",
        "created_at",
        "edited_at",
        "version",
    )
    readonly_fields = ("page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        """Leave out what no screen shows."""
        rows: QuerySet[Post] = super().get_queryset(request)
        return rows.defer("search", "body_html")

    @admin.display(description=_l("page"))
    def page(self, post: Post) -> SafeString:
        """Return the way to where it is moderated."""
        return _link(post.get_absolute_url())


@admin.register(Member)
class MemberAdmin(_ToLookAt):
    """People's standing; moderators change it on their page about the person."""

    list_display = ("user", "reputation", "post_count", "silenced_until", "suspended_until", "page")
    list_filter = (
        ("suspended_until", admin.EmptyFieldListFilter),
        ("silenced_until", admin.EmptyFieldListFilter),
    )
    list_select_related = ("user",)
    ordering = ("-pk",)
    fields = ("page", "user", "reputation", "post_count", "first_posted_at", "silenced_until", "suspended_until")
    readonly_fields = ("page",)
    search_fields = ("user__handle",)
    search_help_text = _l("Handle")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:  # noqa: ARG002 - Django's hook
        """Find a person by their handle."""
        term = search_term.replace("\x00", "").strip().removeprefix("@")
        return (queryset.filter(user__handle__iexact=term) if term else queryset), False

    @admin.display(description=_l("page"))
    def page(self, member: Member) -> SafeString:
        """Return the way to where their standing is changed."""
        return _link(reverse("moderation:member", args=[member.user.handle]))


@admin.register(Review)
class ReviewAdmin(_ToLookAt):
    """Reviews to look up; they are decided in the review queue."""

    list_display = ("id", "post_id", "community", "reason", "created_at", "outcome", "decided_by", "closed_at")
    list_filter = ("reason", "outcome", "community")
    list_select_related = ("community", "decided_by")
    ordering = ("-id",)
    fields = ("post", "community", "reason", "signals", "created_at", "outcome", "decided_by", "closed_at")


@admin.register(ModerationEvent)
class ModerationEventAdmin(_ToLookAt):
    """The moderation trail."""

    list_display = ("id", "created_at", "act", "actor", "subject", "community", "topic_id", "post_id", "note")
    list_filter = ("act", "community")
    list_select_related = ("actor", "subject", "community")
    ordering = ("-id",)
    fields = ("created_at", "act", "actor", "subject", "community", "topic", "post", "note", "data")


def _link(url: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, _("Open"))


def _may_moderate(request: HttpRequest) -> bool:
    return bool(policies.moderate_people(_person(request)))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the site lets only staff in
    return request.user
