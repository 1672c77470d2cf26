"""Reference data that every portal starts with. Administrators change it afterwards; a second run leaves that alone."""

from accounts.constants import Coverage
from accounts.models import Product, SupportPartner, SupportPlan

_HOUR, _DAY = 60, 8 * 60  # minutes; a business day has eight hours

PLANS = (
    {
        "code": "standard",
        "name": "Standard",
        "coverage": Coverage.BUSINESS,
        "s1_minutes": 4 * _HOUR,
        "s2_minutes": _DAY,
        "s3_minutes": 2 * _DAY,
        "s4_minutes": 3 * _DAY,
        "authorized_contact_limit": 2,
    },
    {
        "code": "professional",
        "name": "Professional",
        "coverage": Coverage.BUSINESS,
        "s1_minutes": 2 * _HOUR,
        "s2_minutes": 4 * _HOUR,
        "s3_minutes": _DAY,
        "s4_minutes": 2 * _DAY,
        "authorized_contact_limit": 5,
    },
    {
        "code": "enterprise",
        "name": "Enterprise",
        "coverage": Coverage.ALWAYS,
        "s1_minutes": 30,
        "s2_minutes": 2 * _HOUR,
        "s3_minutes": 8 * _HOUR,
        "s4_minutes": 24 * _HOUR,
        "has_hotline": True,
        "hotline_number": "+1 555 0142",
        "authorized_contact_limit": 15,
    },
)
PARTNERS = (
    {
        "code": "bmc",
        "name": "BMC",
        "support_url": "https://www.bmc.com/support/support-central.html",
        "instructions": "Your company bought through BMC, and BMC's support team looks after you.",
    },
)
PRODUCTS = (
    ("integration-cloud", "Integration Cloud"),
    ("integration-agent", "Integration Agent"),
    ("api-gateway", "API Gateway"),
    ("data-loader", "Data Loader"),
)


def seed_reference_data() -> None:
    """Add the plans, the partner and the products that are not there yet, by code. Idempotent."""
    for plan in PLANS:
        SupportPlan.objects.get_or_create(code=plan["code"], defaults=plan)
    for partner in PARTNERS:
        SupportPartner.objects.get_or_create(code=partner["code"], defaults=partner)
    for position, (code, name) in enumerate(PRODUCTS, start=1):
        Product.objects.get_or_create(code=code, defaults={"name": name, "position": position * 10})
