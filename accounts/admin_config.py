"""What settings install in place of ``django.contrib.admin``."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's site."""

    default_site = "accounts.admin_site.PortalAdminSite"
