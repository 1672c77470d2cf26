"""Cases, filed through the workflow so that they carry the events and the index that real ones do."""

from collections.abc import Collection
from typing import Any

from accounts.models import Contact, Product, User
from cases import workflow
from cases.constants import Severity
from cases.models import Case
from tests.factories.accounts import ProductFactory


def file_case(contact: Contact, *, actor: User | None = None, uploads: Collection[str] = (), **fields: Any) -> Case:
    """File a case of ``contact``; ``fields`` are those of ``workflow.NewCase``."""
    new = workflow.NewCase(
        **{
            "product": fields.pop("product", None) or _product(),
            "subject": "Orders stop syncing to NetSuite",
            "description": "Since this morning no order arrives.",
            "severity": Severity.S3,
            **fields,
        }
    )
    return workflow.open_case(contact=contact, actor=actor or contact.user, new=new, uploads=uploads)


def _product() -> Product:
    product: Product = ProductFactory()
    return product
