"""Which files hold words that customers see.

Whatever is not listed here is theirs, so a new file has to be translated unless somebody says why not.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
TEMPLATE_SUFFIXES = {".html", ".txt", ".js", ".svg", ".xml"}
_NOT_THE_PORTAL = ("tests/", "benchmarks/", "quality/", "var/", "staticfiles/", "locale/", "docs/")

# Patterns of paths, and why their words stay English. `*` matches slashes too.
STAFF_ONLY = {
    # Administrators.
    "*/admin.py": "operators' screens in the Django admin",
    "*/admin/*.py": "operators' screens in the Django admin",
    "accounts/admin_site.py": "the Django admin's own frame",
    "status/admin_automation.py": "operators' screens in the Django admin",
    "templates/admin/*": "operators' screens in the Django admin",
    "*/checks.py": "what a system check tells whoever deploys the portal",
    "*/management/commands/*.py": "commands are run by whoever operates the portal",
    "accounts/contact_csv.py": "the import of contacts, a screen of the admin",
    "accounts/people.py": "people as the admin edits them",
    "accounts/history.py": "the audit trail, which only the admin shows",
    "accounts/models/audit.py": "the audit trail, which only the admin shows",
    # Integrations, which operators set up.
    "accounts/api.py": "answers of the operators' API",
    "accounts/api_tokens.py": "tokens of the operators' API, made in the admin",
    "accounts/models/api_token.py": "tokens of the operators' API, made in the admin",
    "status/api/*": "answers of the operators' API",
    "status/alert_payload.py": "answers to Alertmanager",
    "status/models/automation.py": "alert rules and probes, set up in the admin",
    "status/automation.py": "hints of the automation in the console",
    "status/probing.py": "a probe's draft texts; what it publishes is stored, in one language",
    "status/alerts.py": "an alert's draft texts; what it publishes is stored, in one language",
    "status/breaking_glass.py": "an operator's command",
    # The status console.
    "status/console/*": "the status operators' console",
    "templates/status/console/*": "the status operators' console",
    "templates/bridges/_console_cases.html": "the status operators' console",
    "status/changes.py": "refusals that only status operators meet",
    "status/incidents.py": "refusals that only status operators meet",
    "status/maintenance.py": "only operators meet its refusals; what it publishes is stored, in one language",
    "status/policies.py": "refusals that only status operators meet",
    "status/models/publication.py": "the publisher's records, which nobody is shown by name",
    # The desk.
    "cases/desk.py": "the engineers' desk",
    "cases/desk_forms.py": "the engineers' desk",
    "cases/desk_views/*": "the engineers' desk",
    "cases/models/oncall.py": "the on-call list, which managers edit",
    "templates/cases/desk/*": "the engineers' desk",
    "templates/emails/cases/assigned.*": "to the engineer who owns the case",
    "templates/emails/cases/production_down.*": "to the on-call list",
    "templates/emails/accounts/request_received.*": "to the CSMs",
    "bridges/forms.py": "making and publishing cases, at the desk",
    "bridges/linking.py": "making and publishing cases, at the desk",
    "bridges/making.py": "making and publishing cases, at the desk",
    "bridges/policies.py": "making and publishing cases, at the desk",
    "bridges/scrubbing.py": "making and publishing cases, at the desk",
    "bridges/views/making.py": "making and publishing cases, at the desk",
    "bridges/views/publishing.py": "making and publishing cases, at the desk",
    "templates/bridges/_desk_*.html": "the engineers' desk",
    "templates/bridges/link_incident.html": "the engineers' desk",
    "templates/bridges/make_case.html": "the engineers' desk",
    "templates/bridges/no_contact.html": "the engineers' desk",
    "templates/bridges/publish.html": "the engineers' desk",
    "notifications/policies.py": "refusals of the delivery ledger in the admin",
    # Moderation. Members may be moderators; who moderates is chosen by the vendor and reads what staff read.
    "forums/organising.py": "moderators' pages",
    "forums/review_queue.py": "moderators' pages",
    "forums/screening.py": "why a post waits, as moderators read it",
    "forums/views/moderation.py": "moderators' pages",
    "forums/views/organising.py": "moderators' pages",
    "forums/views/standing.py": "moderators' pages",
    "templates/forums/moderation/*": "moderators' pages",
    "templates/forums/organise.html": "moderators' pages",
    # What staff find at home and in the admin.
    "portal/attention.py": "what waits for staff, on their home",
    "templates/portal/attention/*": "what waits for staff, on their home",
    "notifications/samples.py": "made-up mails for previews in the admin",
    "notifications/previewing.py": "previews of mails in the admin",
    "notifications/mail_pages.py": "previews of mails in the admin",
    "templates/emails/notifications/sample.*": "a sample of a mail, to whoever looks at it in the admin",
    # Neither.
    "portal/demo/*": "made-up content of the demo",
    "templates/portal/styleguide*": "the style guide for developers",
    "portal/styleguide*": "the style guide for developers",
}


def staff_only(path: str) -> bool:
    """Say whether only staff read the words of this file; ``path`` is relative to the checkout."""
    return any(fnmatchcase(path, pattern) for pattern in STAFF_ONLY)


def every_source(checkout: Path = CHECKOUT) -> Iterator[str]:
    """Yield the path of each file that may hold words, sorted, whoever reads them."""
    for path in sorted(checkout.glob("*/**/*")):
        relative = path.relative_to(checkout).as_posix()
        if relative.startswith((".", *_NOT_THE_PORTAL)) or "/migrations/" in relative or "/__pycache__/" in relative:
            continue
        if path.suffix == ".py" or (relative.startswith("templates/") and path.suffix in TEMPLATE_SUFFIXES):
            yield relative


def customer_sources(checkout: Path = CHECKOUT) -> Iterator[str]:
    """Yield the files whose words customers see."""
    return (path for path in every_source(checkout) if not staff_only(path))
