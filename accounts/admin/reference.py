"""Plans, partners and products."""

from django.contrib import admin

from accounts.admin.base import QuietAdmin
from accounts.models import Product, SupportPartner, SupportPlan


@admin.register(SupportPlan)
class SupportPlanAdmin(QuietAdmin):
    """What customers buy; support managers and administrators edit."""

    list_display = ("name", "coverage", "s1_minutes", "s2_minutes", "has_hotline", "authorized_contact_limit")


@admin.register(SupportPartner)
class SupportPartnerAdmin(QuietAdmin):
    """Companies that support their own customers."""

    list_display = ("name", "support_url", "support_phone")


@admin.register(Product)
class ProductAdmin(QuietAdmin):
    """What cases are about."""

    list_display = ("name", "code", "position", "is_active")
    list_editable = ("position", "is_active")
