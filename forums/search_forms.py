"""The shape of a search: words and filters, from the address. No side effects."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from accounts.models import User
from forums import hooks, tagging
from forums.constants import TAG_MAX_LENGTH, TopicKind
from forums.hooks import Panel
from forums.models import Community, Tag
from forums.models.community import SearchScope
from forums.search import query
from forums.search.query import MAX_LENGTH, Filters, Query

# A pasted line of a log may say in 2,000 characters what an app above (hooks.read_query) knows in one word.
PASTED_MAX_LENGTH = 2_000
PAGE_SIZE, PAGES = 20, 5
BEST, NEWEST = "best", "newest"


class SearchForm(forms.Form):
    """Words and filters. ``here`` is the community that is searched in; ``communities`` are those that may be."""

    q = forms.CharField(label=_l("Search"), required=False)
    community = forms.ChoiceField(label=_l("Community"), required=False)
    category = forms.ChoiceField(
        label=_l("Category"),
        required=False,
        error_messages={"invalid_choice": _l("There is no such category here.")},
    )
    tag = forms.CharField(label=_l("Tag"), required=False, max_length=TAG_MAX_LENGTH)
    kind = forms.ChoiceField(label=_l("Kind"), required=False, choices=[("", _l("Any kind")), *TopicKind.choices])
    answered = forms.ChoiceField(
        label=_l("Answered"),
        required=False,
        choices=[("", _l("Solved or not")), ("yes", _l("Solved")), ("no", _l("Not solved"))],
    )
    author = forms.CharField(label=_l("Asked by"), required=False, max_length=60)
    since = forms.DateField(
        label=pgettext_lazy("date", "From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=pgettext_lazy("date", "To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    sort = forms.ChoiceField(
        label=_l("Sort by"), required=False, choices=[("", _l("Best match")), (NEWEST, _l("Newest"))]
    )
    exact = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict, *, here: Community | None, communities: Sequence[Community]) -> None:
        super().__init__(data)
        self.here = here
        self.communities = communities
        self.panel: Panel | None = None
        choices = [(community.slug, community.name) for community in communities]
        self.fields["community"].choices = [("", _("Every community")), *choices]  # type: ignore[attr-defined]
        self.categories = {one.slug: one for one in self.only.categories.all()} if self.only else {}
        shelves = [(one.slug, one.name) for one in self.categories.values()]
        self.fields["category"].choices = [("", _("Any category")), *shelves]  # type: ignore[attr-defined]

    @property
    def only(self) -> Community | None:
        """Return the one community that is searched; ``None`` for all."""
        chosen = self.data.get("community", "")
        return self.here or next((one for one in self.communities if one.slug == chosen), None)

    def clean_q(self) -> str:
        """Let apps above read what was pasted; what stays has to be short."""
        text = str(self.cleaned_data["q"])
        if len(text) <= PASTED_MAX_LENGTH:
            reading = hooks.read_query(self.only, text)
            self.panel, text = reading.panel, reading.query
        if len(text) > MAX_LENGTH:
            raise forms.ValidationError(
                _("Search for at most %(limit)s characters: the words that matter most.") % {"limit": MAX_LENGTH}
            )
        return text

    def clean_tag(self) -> Sequence[Tag] | None:
        """Turn a tag's name into the tags of that name; a synonym leads to what it means."""
        name = self.cleaned_data["tag"]
        if not name:
            return None
        tags = Tag.objects.filter(slug=tagging.spell(name), community__in=self._searched())
        found = [tag.synonym_of or tag for tag in tags.select_related("synonym_of")]
        if not found:
            raise forms.ValidationError(_("There is no tag “%(tag)s” here.") % {"tag": name})
        return found

    def clean_author(self) -> int | None:
        """Turn a handle into a person."""
        handle = self.cleaned_data["author"].lstrip("@")
        if not handle:
            return None
        found: int | None = User.objects.filter(handle__iexact=handle).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody here is called “%(handle)s”.") % {"handle": handle})
        return found

    def clean(self) -> dict[str, Any]:
        """Compare the days."""
        values = super().clean() or {}
        if values.get("since") and values.get("until") and values["since"] > values["until"]:
            self.add_error("until", _("The last day is before the first."))
        return values

    def query(self) -> Query:
        """Return what is looked for; the form is valid."""
        return query.parse(self.cleaned_data["q"], exact=self.cleaned_data["exact"])

    def filters(self) -> Filters:
        """Return what narrows it; the form is valid."""
        given = self.cleaned_data
        return Filters(
            category=self.categories.get(given["category"]),
            tags=[tag.pk for tag in given["tag"]] if given["tag"] else None,
            tagged=sum(tag.topic_count for tag in given["tag"] or ()),
            answered={"yes": True, "no": False}.get(given["answered"]),
            kind=TopicKind(given["kind"]) if given["kind"] else None,
            author_id=given["author"],
            since=given["since"],
            until=given["until"],
        )

    def _searched(self) -> Sequence[Community]:
        return [self.only] if self.only else self.communities


def begins_everywhere(data: QueryDict, community: Community) -> bool:
    """Say whether a search made inside ``community`` looks everywhere: as asked for, or as the community has it.

    Raises ``BadRequest``.
    """
    scope = data.get("in", "") or community.search_scope
    if scope not in SearchScope.values:
        raise BadRequest(_("This address holds a filter that we do not know. Start a new search."))
    return scope == SearchScope.EVERYWHERE


def page_number(data: QueryDict) -> int:
    """Return which page of the best matches is asked for. Raises ``BadRequest``."""
    text = data.get("page", "1")
    if text not in map(str, range(1, PAGES + 1)):
        raise BadRequest(
            _("A search shows its best %(n)s matches. Use other words to find more.") % {"n": PAGES * PAGE_SIZE}
        )
    return int(text)
