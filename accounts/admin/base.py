"""What the screens of this app share."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    # Generic for type checkers only.
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline


# Rows that are counted and paged through; search and filters reach the rest.
COUNTED = 2_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg] # generic for type checkers only
    """Counts no further than a person would page."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most ``COUNTED``."""
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNTED].count())


class QuietAdmin(ModelAdmin):
    """A row that this person may not see answers 404, as everywhere on the portal; nothing is ever deleted here."""

    show_full_result_count = False
    list_per_page = 50

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:  # noqa: ARG002 - Django's hook
        raise Http404

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Nobody deletes: rows are ended, withdrawn or switched off."""
        return False


class ReadOnlyAdmin(QuietAdmin):
    """Rows to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Rows come from acts elsewhere."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Rows are changed by acts only."""
        return False


def act_button(label: str, url: str, *, whom: str, form: str = "acts") -> SafeString:
    """Return a button that posts to ``url`` with the page's empty form, inside or outside the page's main form.

    It belongs to another form than the fields around it, so Enter in one of them never presses it.
    """
    return format_html(
        '<button class="act" type="submit" form="{}" formaction="{}" aria-label="{}: {}">{}</button>',
        form,
        url,
        label,
        whom,
        label,
    )


def tell(request: HttpRequest, error: ValidationError) -> None:
    """Show what the rules said."""
    messages.error(request, " ".join(error.messages))
