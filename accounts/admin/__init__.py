"""Operators' screens, through the same policies and verb modules as every other page."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin.account import AccountAdmin
from accounts.admin.api_token import ApiTokenAdmin
from accounts.admin.joining import AuditEventAdmin, ContactAdmin, ContactRequestAdmin, InvitationAdmin
from accounts.admin.people import UserAdmin
from accounts.admin.reference import ProductAdmin, SupportPartnerAdmin, SupportPlanAdmin

__all__ = [
    "AccountAdmin",
    "ApiTokenAdmin",
    "AuditEventAdmin",
    "ContactAdmin",
    "ContactRequestAdmin",
    "InvitationAdmin",
    "ProductAdmin",
    "SupportPartnerAdmin",
    "SupportPlanAdmin",
    "UserAdmin",
]

# Roles are groups that the code keeps in step; addresses and second factors are their owners' and hold secrets.
for _model in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
