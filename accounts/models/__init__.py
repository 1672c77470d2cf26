"""People, customer accounts and how they come together."""

from accounts.models.audit import AuditEvent
from accounts.models.customer import Account, Contact, Product, SupportPartner, SupportPlan
from accounts.models.joining import ContactRequest, Invitation
from accounts.models.user import User

__all__ = [
    "Account",
    "AuditEvent",
    "Contact",
    "ContactRequest",
    "Invitation",
    "Product",
    "SupportPartner",
    "SupportPlan",
    "User",
]
