"""Attachments in any form: chosen files survive a form error, with JavaScript and without.

Usage::

    class ReplyForm(forms.Form):
        body = forms.CharField(widget=forms.Textarea)
        uploads = StagedUploadsField()

        def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            owned_by(self, owner)

    form = ReplyForm(request.POST or None, request.FILES or None, owner=request.user)
    if form.is_valid():
        add_reply(..., upload_tokens=[upload.token for upload in form.cleaned_data["uploads"]])

and in the verb, in its transaction: ``staging.attach(owner=author, tokens=upload_tokens)``, which locks them and
refuses what is not there any more. In the template, inside ``<form method="post" enctype="multipart/form-data">``::

    {{ form.uploads }}            {# label, drop zone, errors and the chips of what is staged #}
    <script src="{% static 'js/uploads.js' %}" defer></script>   {# in block scripts #}

The view is marked ``@accepts_files`` (lib.body_limit), or a form with files is refused as too large.

What the browser sends: ``files`` (new ones, staged here even when the rest of the form is wrong), the field's own name
(tokens of staged ones) and ``remove_upload`` (tokens to drop). A form that may be submitted twice asks for its
submission key before it validates: the second time the tokens are attached already, and no longer staged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from accounts.models import User
from files.models import Upload
from files.names import safe_name
from files.staging import UploadRefused, discard, missing, stage
from lib.tokens import is_token


@dataclass(frozen=True, slots=True)
class Sent:
    """What the browser sent of one attachments field."""

    tokens: Sequence[str] = ()
    removed: Sequence[str] = ()
    files: "Sequence[UploadedFile[Any]]" = ()


class StagedUploadsWidget(forms.Widget):
    """The drop zone, with a chip for each file that is staged already."""

    needs_multipart_form = True
    anchor = "id_files"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.staged: Sequence[Upload] = ()
        self.errors: Sequence[str] = ()
        self.label: str = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> Sent:
        """Collect the three names that the field is sent under."""
        return Sent(
            tokens=[str(token) for token in _all(data, name)],
            removed=[str(token) for token in _all(data, "remove_upload")],
            files=[file for file in _all(files, "files") if isinstance(file, UploadedFile)],
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> bool:  # noqa: ARG002 - Django's signature
        """Say no: sending nothing means no file."""
        return False

    def id_for_label(self, id_: str) -> str:  # noqa: ARG002 - Django's signature
        """Return nothing: the component brings its own label."""
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:  # noqa: ARG002 - Django's signature
        """Render the component; it is the project's template and not the form renderer's."""
        return mark_safe(  # noqa: S308 - a template's own output
            render_to_string(
                "components/upload_field.html",
                {
                    "name": "files",
                    "field_id": "id_files",
                    "input_name": name,
                    "label": self.label,
                    "upload_url": reverse("files:stage"),
                    "staged": self.staged,
                    "max_bytes": settings.UPLOAD_MAX_BYTES,
                    "errors": self.errors,
                },
            )
        )


class StagedUploadsField(forms.Field):
    """Cleans to the list of the owner's staged uploads, at most ``UPLOAD_MAX_FILES``."""

    widget: Any = StagedUploadsWidget

    def __init__(self, *, label: Any = None, required: bool = False, **kwargs: Any) -> None:
        super().__init__(label=_l("Attachments") if label is None else label, required=required, **kwargs)
        self.owner: User | None = None

    def clean(self, value: Any) -> list[Upload]:
        """Stage what is new, keep what was staged. Whatever is wrong with one file, the others stay."""
        if self.owner is None:
            raise RuntimeError("Call files.forms.owned_by(form, owner) in the form's __init__.")
        sent = value if isinstance(value, Sent) else Sent()
        for token in sent.removed:
            discard(owner=self.owner, token=token)
        uploads, errors = self._kept(sent)
        for file in sent.files:
            if len(uploads) >= settings.UPLOAD_MAX_FILES:
                errors.append(_too_many())
                break
            try:
                uploads.append(stage(owner=self.owner, file=file, name=file.name or ""))
            except UploadRefused as refusal:
                errors.append(f"{safe_name(file.name or '')}: {refusal.reason}")
        if self.required and not uploads and not errors:
            errors.append(_("Choose at least one file."))
        self.widget.staged = uploads
        self.widget.errors = errors
        if errors:
            raise ValidationError(errors)
        return uploads

    def _kept(self, sent: Sent) -> tuple[list[Upload], list[str]]:
        tokens = [token for token in dict.fromkeys(sent.tokens) if token not in sent.removed]
        rows = {
            upload.token: upload
            for upload in Upload.objects.staged_by(self._owner()).filter(
                token__in=[token for token in tokens if is_token(token)]
            )
        }
        uploads = [rows[token] for token in tokens if token in rows]
        errors = [missing(len(tokens) - len(uploads))] if len(uploads) != len(tokens) else []
        if len(uploads) > settings.UPLOAD_MAX_FILES:
            errors.append(_too_many())
        return uploads, errors

    def _owner(self) -> User:
        assert self.owner is not None  # noqa: S101 - clean() has asked
        return self.owner

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002 - Django's signature
        """Say whether any file came."""
        return isinstance(data, Sent) and bool(data.tokens or data.files)


def owned_by(form: forms.BaseForm, owner: User) -> None:
    """Tell every attachments field of ``form`` whose files it takes."""
    for field in form.fields.values():
        if isinstance(field, StagedUploadsField):
            field.owner = owner
            field.widget.label = str(field.label or "")


def offer_again(form: forms.BaseForm, tokens: Sequence[str]) -> None:
    """Show in a form that was not sent yet the files that its owner staged earlier, as far as they are still there."""
    for field in form.fields.values():
        if isinstance(field, StagedUploadsField) and field.owner is not None:
            field.widget.staged = staged_again(field.owner, tokens)


def staged_again(owner: User, tokens: Sequence[str]) -> Sequence[Upload]:
    """Return those of ``tokens`` that ``owner`` staged and has not sent; no query without a token."""
    asked = [token for token in tokens if is_token(token)][: settings.UPLOAD_MAX_FILES]
    return list(Upload.objects.staged_by(owner).filter(token__in=asked)) if asked else ()


def _all(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    getlist = getattr(data, "getlist", None)
    if getlist is not None:
        values: Sequence[Any] = getlist(name)
        return values
    value = data.get(name)
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _too_many() -> str:
    limit = settings.UPLOAD_MAX_FILES
    return ngettext("Attach at most %(limit)s file.", "Attach at most %(limit)s files.", limit) % {"limit": limit}
