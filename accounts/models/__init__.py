"""People, customer accounts and how they come together."""

from accounts.models.api_token import ApiToken
from accounts.models.audit import AuditEvent
from accounts.models.customer import Account, Contact, Product, SupportPartner, SupportPlan
from accounts.models.guide import DismissedGuide
from accounts.models.joining import ContactRequest, Invitation
from accounts.models.user import User

__all__ = [
    "Account",
    "ApiToken",
    "AuditEvent",
    "Contact",
    "ContactRequest",
    "DismissedGuide",
    "Invitation",
    "Product",
    "SupportPartner",
    "SupportPlan",
    "User",
]
