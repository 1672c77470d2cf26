"""The shape of what people write in the forums: a topic, a reply, a comment, an edit. No side effects."""

import time
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from forums import drafts, policies, tagging
from forums.constants import BODY_MIN_LENGTH, MAX_TAGS, TITLE_MAX_LENGTH, TITLE_MIN_LENGTH, PostKind, TopicKind
from forums.models import Category, Community, Draft, Post, Topic
from forums.models.community import Wording
from forums.policies import Someone
from forums.screening import Hints
from lib.markdown import MAX_LENGTH

TAGS_MAX_LENGTH = 300  # characters of the field, before it is taken apart
REASON_MAX_LENGTH = 200
DRAFT_MAX_LENGTH = 4 * MAX_LENGTH
ADDRESS_MAX_LENGTH = 500
VERSION_MAX = 2**31 - 1

_STAMP = "forums.forms.stamp"


def stamp(moment: float | None = None) -> str:
    """Return when a form is drawn (seconds since 1970; now), signed: it tells how long somebody wrote."""
    return signing.dumps(time.time() if moment is None else moment, salt=_STAMP)


def seconds_since(stamp_sent: str) -> float | None:
    """Return how long ago a form was drawn; ``None`` for a stamp that is not ours."""
    try:
        return max(0.0, time.time() - float(signing.loads(stamp_sent, salt=_STAMP)))
    except (signing.BadSignature, TypeError, ValueError):
        return None


class TitleField(forms.CharField):
    """A title: one line. Joiners and marks of direction stay: emoji and many scripts are made of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_l("Title"), max_length=TITLE_MAX_LENGTH, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Fold to one line without control characters."""
        text = str(super().to_python(value) or "")
        plain = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
        return " ".join(plain.split())

    def validate(self, value: Any) -> None:
        """Ask for something that can be read."""
        super().validate(value)
        if len(value) < TITLE_MIN_LENGTH or not is_visible(value):
            raise forms.ValidationError(
                _("Say it in a few words: at least %(n)s characters.") % {"n": TITLE_MIN_LENGTH}
            )


class BodyField(forms.CharField):
    """Markdown text, with line ends as they are stored."""

    def __init__(self, *, rows: int = 10, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(max_length=MAX_LENGTH, strip=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Take the browser's line ends and trailing space away; leading space may begin a block of code."""
        text = str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n").rstrip()
        return text if text.strip() else ""

    def validate(self, value: Any) -> None:
        """Ask for something that can be read."""
        super().validate(value)
        if len(value.strip()) < BODY_MIN_LENGTH or not is_visible(value):
            raise forms.ValidationError(_("Write a little more."))


class TagsField(forms.CharField):
    """Tags in one field, between commas or spaces. Cleans to their names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_l("Tags"),
            required=False,
            max_length=TAGS_MAX_LENGTH,
            help_text=_l("Up to five, between commas or spaces: what it is about, such as netsuite or rate-limits."),
            widget=forms.TextInput(attrs={"list": "tags-in-use", "autocomplete": "off", "autocapitalize": "none"}),
            **kwargs,
        )

    def clean(self, value: Any) -> list[str]:
        """Take the field apart."""
        names = tagging.split(super().clean(value))
        for name in names:
            if not tagging.spell(name):
                raise forms.ValidationError(_("“%(tag)s” is no tag: use letters, digits and hyphens.") % {"tag": name})
        if len({tagging.spell(name) for name in names}) > MAX_TAGS:
            raise forms.ValidationError(_("Give at most %(limit)s tags.") % {"limit": MAX_TAGS})
        return names


class DraftForm(forms.Form):
    """A form whose text is kept on the server as it is typed, and given back on every device."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    # What a draft may fill in.
    KEPT: Sequence[str] = ("body",)

    def __init__(
        self, data: Any = None, *, key: str, draft: Draft | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        kept = {name: getattr(draft, name) for name in self.KEPT} if draft else {}
        # An empty field of a draft says nothing about a choice that has to be made.
        kept = {name: value for name, value in kept.items() if value or name in ("title", "body", "tags")}
        super().__init__(data, initial={**(initial or {}), **kept, "key": key})
        self.draft_key, self.draft = key, draft

    @property
    def draft_version(self) -> int:
        """Return the version of the draft that this page knows; 0 for none."""
        return self.draft.version if self.draft else 0

    @property
    def draft_url(self) -> str:
        """Return where the draft is saved. What the form becomes is named there: its draft does not come back."""
        told = {name: value for name, value in self.becomes().items() if value is not None}
        return f"{reverse('discuss:save_draft')}?{urlencode(told)}"

    def becomes(self) -> dict[str, Any]:
        """Return what tells whether this form was sent."""
        return {}


class NewPostForm(DraftForm):
    """A new text. Two fields are for scripts only: one that people do not see, and when the form was drawn."""

    website = forms.CharField(
        required=False,
        label=_l("Leave this empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    stamp = forms.CharField(required=False, widget=forms.HiddenInput, initial=stamp)
    submission_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if self.draft:
            # Who finds their text again may send it at once: they have been writing since they left it.
            self.initial["stamp"] = stamp(self.draft.updated_at.timestamp())

    def hints(self) -> Hints:
        """Return what the form tells beside its text."""
        return Hints(honeypot=self.cleaned_data["website"], seconds=seconds_since(self.cleaned_data["stamp"]))

    def becomes(self) -> dict[str, Any]:
        """Return the token that the post will carry."""
        return {"form": self["submission_token"].value()}


class AskForm(NewPostForm):
    """A new topic."""

    title = TitleField(help_text=_l("One line that somebody with the same problem would search for."))
    body = BodyField(label=_l("Question"), help_text=_l("What do you want to do, what happens, what have you tried?"))
    tags = TagsField()
    # A newcomer need not know the shelves: moderators move what stands on the wrong one.
    category = forms.ModelChoiceField(
        Category.objects.none(),
        to_field_name="slug",
        label=_l("Category"),
        required=False,
        empty_label=_l("I am not sure"),
    )
    kind = forms.ChoiceField(label=_l("Kind"), initial=TopicKind.QUESTION)
    # Whoever has been shown similar topics is not stopped by them again; the page's script says so for itself.
    similar_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    KEPT = ("title", "body", "tags", "category", "kind")
    # The kinds are cards, drawn by the template.
    anchors: ClassVar = {"kind": "id_kind_0"}

    def __init__(
        self,
        data: Any = None,
        *,
        community: Community,
        user: Someone,
        draft: Draft | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.community = community
        kinds = [kind for kind in TopicKind if policies.start_kind(user, community, kind)]
        defaults = {"kind": kinds[0] if kinds else ""}
        super().__init__(data, key=drafts.ask_key(community), draft=draft, initial={**defaults, **(initial or {})})
        self.kinds = kinds
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if len(kinds) < 2:
            self.fields["kind"].widget = forms.HiddenInput()
        offered = [shelf.pk for shelf in community.categories.all() if policies.start_in(user, shelf)]
        self.fields["category"].queryset = community.categories.filter(pk__in=offered)  # type: ignore[attr-defined]
        self.fields["body"].label = self.words["body"]

    def clean_category(self) -> Category:
        """Return the chosen category, the first one for who does not know."""
        field: Any = self.fields["category"]
        chosen: Category | None = self.cleaned_data["category"] or field.queryset.first()
        if chosen is None:
            raise forms.ValidationError(_("This community has no category that you may write in."), code="none")
        return chosen

    @property
    def words(self) -> Mapping[str, str]:
        """Return what the page says, for the kind that is chosen."""
        return next((card for card in self.kind_cards() if card["checked"]), _words(TopicKind.QUESTION, self.community))

    def kind_cards(self) -> list[dict[str, Any]]:
        """Return each kind that this person may start, with what it is for."""
        chosen = self["kind"].value()
        return [
            {**_words(kind, self.community), "value": kind.value, "checked": chosen == kind.value}
            for kind in self.kinds
        ]


def _words(kind: TopicKind, community: Community) -> dict[str, str]:
    if kind == TopicKind.DISCUSSION:
        is_post = community.wording == Wording.POST
        return {
            "label": str(Wording(community.wording).label),
            "meaning": _("Share or talk about something; nothing needs to be solved."),
            "heading": _("Write a post") if is_post else _("Start a discussion"),
            "body": _("Post") if is_post else _("Text"),
            "button": _("Publish post") if is_post else _("Post discussion"),
        }
    if kind == TopicKind.IDEA:
        return {
            "label": str(kind.label),
            "meaning": _("Something you wish for; others vote for it."),
            "heading": _("Share an idea"),
            "body": _("Idea"),
            "button": _("Post idea"),
        }
    if kind == TopicKind.ANNOUNCEMENT:
        return {
            "label": str(kind.label),
            "meaning": _("News from the team."),
            "heading": _("Write an announcement"),
            "body": _("Announcement"),
            "button": _("Post announcement"),
        }
    return {
        "label": str(kind.label),
        "meaning": _("You want an answer; you accept the one that helped."),
        "heading": _("Ask a question"),
        "body": _("Question"),
        "button": _("Post question"),
    }


class ReplyForm(NewPostForm):
    """An answer to a topic."""

    body = BodyField(label=_l("Your text"), rows=7)

    def __init__(self, data: Any = None, *, topic: Topic, draft: Draft | None = None) -> None:
        super().__init__(data, key=drafts.reply_key(topic), draft=draft)
        self.fields["body"].label = _("Your answer") if topic.is_question else _("Your reply")


class CommentForm(NewPostForm):
    """A remark on a post."""

    body = BodyField(label=_l("Comment"), rows=4)

    def __init__(self, data: Any = None, *, post: Post, draft: Draft | None = None) -> None:
        super().__init__(data, key=drafts.comment_key(post), draft=draft)
        # Several of them may stand on one page, and each is fetched to be written in.
        self.auto_id = f"id_comment_{post.pk}_%s"
        self.fields["body"].widget.attrs["autofocus"] = True


class EditForm(DraftForm):
    """A post's new text; on an opening post also what its topic is called, and where it stands."""

    title = TitleField()
    body = BodyField(label=_l("Text"), rows=14)
    tags = TagsField()
    category = forms.ModelChoiceField(
        Category.objects.none(), to_field_name="slug", label=_l("Category"), empty_label=None
    )
    reason = forms.CharField(
        label=_l("Reason"),
        required=False,
        max_length=REASON_MAX_LENGTH,
        help_text=_l("What you changed, for whoever reads the history."),
    )
    version = forms.IntegerField(min_value=1, max_value=VERSION_MAX, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, post: Post, user: Someone, draft: Draft | None = None) -> None:
        topic = post.topic
        self.KEPT = ("title", "body", "tags", "category") if post.is_opening else ("body",)
        initial: dict[str, Any] = {"body": post.body, "version": post.version}
        if post.kind == PostKind.OPENING:
            tags = " ".join(sorted(tag.slug for tag in topic.tags.all()))
            initial |= {"title": topic.title, "tags": tags, "category": topic.category.slug}
        super().__init__(data, key=drafts.edit_key(post), draft=draft, initial=initial)
        self.window = uuid4()
        if not post.is_opening:
            del self.fields["title"], self.fields["tags"], self.fields["category"]
            return
        shelves = topic.community.categories.all()
        offered = [one.pk for one in shelves if one.pk == topic.category_id or policies.start_in(user, one)]
        self.fields["category"].queryset = topic.community.categories.filter(pk__in=offered)  # type: ignore[attr-defined]

    def cleaned_edit(self) -> dict[str, Any]:
        """Return what ``editing.edit_post`` takes; the form is valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}

    def becomes(self) -> dict[str, Any]:
        """Return the version that the edit ends, and a token by which this window knows its own draft."""
        return {"edits": self["version"].value(), "form": self.window}


class SavedDraftForm(forms.Form):
    """What the page sends while somebody types. Longer than a post may be: nothing typed is lost over a limit."""

    key = forms.CharField(max_length=60)
    version = forms.IntegerField(min_value=0, max_value=2**63 - 1)
    title = forms.CharField(max_length=300, required=False, strip=False)
    body = forms.CharField(max_length=DRAFT_MAX_LENGTH, required=False, strip=False)
    tags = forms.CharField(max_length=TAGS_MAX_LENGTH, required=False)
    category = forms.SlugField(max_length=40, required=False)
    kind = forms.ChoiceField(choices=[("", ""), *TopicKind.choices], required=False)


class RetagForm(forms.Form):
    """A topic's tags alone."""

    tags = TagsField()


class MoveForm(forms.Form):
    """Another category, of this community or of another one that the moderator moderates."""

    category = forms.TypedChoiceField(label=_l("Category"), coerce=int)

    def __init__(self, *args: Any, shelves: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[int, str]]] = {}
        for shelf in shelves:
            groups.setdefault(shelf.community.name, []).append((shelf.pk, shelf.name))
        self.fields["category"].choices = list(groups.items())  # type: ignore[attr-defined]


class OtherTopicForm(forms.Form):
    """Another topic, by its number or its address, pasted in."""

    target = forms.CharField(
        label=_l("The other topic"),
        max_length=ADDRESS_MAX_LENGTH,
        help_text=_l("Its number, or its address from the browser."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WatchForm(forms.Form):
    """What is watched, and how soon its watcher is told."""

    OFF = "off"
    kind = forms.ChoiceField(choices=[(name, name) for name in ("community", "category", "tag", "topic")])
    id = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    level = forms.ChoiceField(choices=[("1", "1"), ("2", "2"), ("3", "3"), (OFF, OFF)])


class ReadForm(forms.Form):
    """How far somebody has read."""

    number = forms.IntegerField(min_value=0, max_value=VERSION_MAX)


def is_visible(text: str) -> bool:
    """Say whether ``text`` shows anything: spaces, joiners and marks of direction alone do not."""
    return any(not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf") for character in text)
