"""The screen on which the support team writes about error codes."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.admin.base import QuietAdmin
from dataloader import indexing
from dataloader.models import ErrorCode


@admin.register(ErrorCode)
class ErrorCodeAdmin(QuietAdmin):
    """Error codes: what they mean and what to do. The portal's own come back if they are gone, so none is deleted."""

    fields = ("code", "title", "explanation", "fix", "example", "related", "topic_count")
    readonly_fields = ("topic_count",)
    filter_horizontal = ("related",)
    list_display = ("code", "title", "topic_count")
    search_fields = ("code", "title")
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: ErrorCode | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's hook
        """Keep the code of one that is there: posts link to its address."""
        return ("code", *self.readonly_fields) if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: ErrorCode, form: "ModelForm[ErrorCode]", change: bool) -> None:  # noqa: FBT001 - Django's hook
        """Find the topics of a new code among what was written before."""
        super().save_model(request, obj, form, change)
        if not change:
            indexing.find_topics(obj)
