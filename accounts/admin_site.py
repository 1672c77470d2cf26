"""The administration's front door: allauth's sign-in is the only one, and whoever is not staff is told so."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l


class PortalAdminSite(AdminSite):
    """Django's admin behind the portal's own sign-in, password change and sign-out."""

    site_title = settings.PORTAL_NAME
    site_header = settings.PORTAL_NAME
    index_title = _l("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the person is staff. Raises ``PermissionDenied`` for somebody signed in who is not."""
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied(_("The administration is for staff."))
        return super().has_permission(request)

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
