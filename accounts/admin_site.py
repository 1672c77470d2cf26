"""The administration's front door: allauth's sign-in is the only one, and whoever is not staff is told so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

_KEY_DIGITS = 19  # of the largest key that the database holds


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the administration that belongs to no table, listed among those of ``app_label``."""

    app_label: str
    url_name: str
    label: str | Promise
    may_see: Callable[[Any], object]


class PortalAdminSite(AdminSite):
    """Django's admin behind the portal's own sign-in, password change and sign-out."""

    site_title = settings.PORTAL_NAME
    site_header = settings.PORTAL_NAME
    index_title = _l("Administration")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[Page] = []
        self._page_urls: list[URLPattern] = []

    def register_page(self, page: Page, urls: Sequence[URLPattern]) -> None:
        """Add a page and its addresses, whose views are wrapped in ``admin_view``. Called while apps start."""
        self._pages.append(page)
        self._page_urls += urls

    def get_urls(self) -> Any:
        """Put the pages before Django's own, which ends in an address for anything."""
        return [*self._page_urls, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """List each page among the tables of its app, for whoever may see it."""
        listed: Any = super().get_app_list(request, app_label)
        for app in listed:
            app["models"] += [
                {
                    "name": page.label,
                    "object_name": page.url_name,
                    "admin_url": reverse(f"admin:{page.url_name}"),
                    "add_url": None,
                    "view_only": True,
                    "perms": {"view": True},
                }
                for page in self._pages
                if page.app_label == app["app_label"] and page.may_see(request.user)
            ]
        return listed

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the person is staff. Raises ``PermissionDenied`` for somebody signed in who is not."""
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied(_("The administration is for staff."))
        return super().has_permission(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Refuse what Django's admin hands to the database unread and the database cannot take."""
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            _require_readable(request)
            response: HttpResponse = guarded(request, *args, **kwargs)
            return response

        return checked

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Go to the portal's sign-in, and come back."""
        guarded = secure_admin_login(super().login)
        response: HttpResponse = guarded(request, extra_context)
        return response

    def logout(  # type: ignore[override]
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Sign out as everywhere on the portal."""
        return HttpResponseRedirect(reverse("account_logout"), preserve_request=request.method == "POST")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override] # noqa: ARG002 - Django's signature
        """Change the password as everywhere on the portal."""
        return HttpResponseRedirect(reverse("account_change_password"))


def _require_readable(request: HttpRequest) -> None:
    """Raise ``BadRequest`` on a NUL in a filter and on a chosen row that is no number."""
    # The words of a search are read by a form, which does without it.
    filters = [value for name, values in request.GET.lists() if name != SEARCH_VAR for value in values]
    if any("\0" in value for value in filters):
        raise BadRequest(_("This address is damaged. Start again from the list."))
    if not all(key.isdecimal() and len(key) <= _KEY_DIGITS for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
        raise BadRequest(_("Choose rows of the list."))
