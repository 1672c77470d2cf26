"""What the mails of a case show, from what the ledger froze of it; and the same of a made-up case, for samples."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import policies as accounts_policies
from accounts.models import Product, User
from cases import policies, promises
from cases.constants import Severity, Status, Verification
from cases.models import Alert, Case, CaseAttachment, CaseEvent, Comment
from files.models import Upload
from lib import markdown
from notifications import samples
from notifications.kinds import Recipient


def present(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates show, read just before sending."""
    case = Case.objects.select_related("account__plan", "account__csm", "contact__user", "product", "owner").get(
        pk=context["case"]
    )
    event = CaseEvent.objects.select_related("actor").filter(pk=context.get("event") or 0).first()
    user = recipient.user
    return _shown(
        case,
        event=event,
        comment=Comment.objects.select_related("author").filter(pk=context.get("comment") or 0).first(),
        files=list(event.attachments.select_related("upload")) if event else [],
        recipient=user,
        at_desk=user is not None and bool(policies.work_desk(user)),
        is_contact=user is not None and accounts_policies.contact_of(user, case.account) is not None,
        moved=(context.get("from", ""), context.get("to", "")),
    )


def present_alert(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same of an alert of the on-call list."""
    alert = Alert.objects.select_related("acknowledged_by").get(pk=context["alert"])
    return _alert_shown(present(recipient, context), alert, step=context["step"])


def sample(
    *,
    moved: tuple[str, str] = ("", ""),
    says: str = "",
    by: User | None = None,
    to_desk: bool = False,
    is_production_down: bool = False,
    verification: str = Verification.NOT_NEEDED,
) -> dict[str, Any]:
    """Return what ``present`` would of a made-up case: after a move, or with what ``by`` says."""
    case = _case(is_production_down=is_production_down, verification=verification)
    if moved[1]:
        case.status = moved[1]
    by = by or samples.engineer()
    event = CaseEvent(pk=1, case=case, actor=by, created_at=samples.AT)
    comment = Comment(pk=1, case=case, author=by, body=says, body_html=markdown.render(says)) if says else None
    return _shown(
        case,
        event=event,
        comment=comment,
        files=[] if moved[1] else [CaseAttachment(pk=1, case=case, event=event, upload=Upload(name="gateway.log"))],
        recipient=samples.engineer() if to_desk else samples.customer(),
        at_desk=to_desk,
        is_contact=not to_desk,
        moved=moved,
    )


def sample_alert() -> dict[str, Any]:
    """Return what ``present_alert`` would of a made-up case."""
    shown = sample(to_desk=True, is_production_down=True)
    return _alert_shown(shown, Alert(pk=1, case=shown["case"], token="x" * 32, raised_at=samples.AT), step=0)


def _shown(
    case: Case,
    *,
    event: CaseEvent | None,
    comment: Comment | None,
    files: Sequence[CaseAttachment],
    recipient: User | None,
    at_desk: bool,
    is_contact: bool,
    moved: tuple[str, str],
) -> dict[str, Any]:
    before, after = moved
    return {
        "case": case,
        "number": case.number,
        "event": event,
        "comment": comment,
        "actor": event.actor if event else None,
        "recipient": recipient,
        "at_desk": at_desk,
        "url": settings.PORTAL_URL + (case.get_desk_url() if at_desk else case.get_absolute_url()),
        "from_label": str(Status(before).label) if before else "",
        "to_label": str(Status(after).label) if after else "",
        "to": after,
        "severity_label": str(Severity(case.severity).label),
        "facts": _facts(case),
        "files": list(files),
        "is_pending": case.verification == Verification.PENDING,
        "first_response": promises.first_response_in_words(case.account.plan, case.severity),
        "hotline": case.account.plan.hotline_number if is_contact and case.account.plan.has_hotline else "",
        "next_step": "" if at_desk else _next_step(after),
    }


def _alert_shown(shown: Mapping[str, Any], alert: Alert, *, step: int) -> dict[str, Any]:
    case = shown["case"]
    reach = [
        (_("Phone"), case.contact_phone),
        (_("Their time zone"), case.contact_time_zone),
        (_("Environment"), str(case.get_environment_display())),
        (_("Endpoints"), case.endpoints),
    ]
    return {
        **shown,
        "facts": [*shown["facts"], *reach],
        "alert": alert,
        "step": step + 1,
        "acknowledge_url": settings.PORTAL_URL + reverse("desk:acknowledge", args=[alert.token]),
    }


def _facts(case: Case) -> list[tuple[str, str]]:
    return [
        (_("Account"), case.account.name),
        (_("Contact"), str(case.contact.user)),
        (_("Product"), case.product.name),
        (_("Severity"), str(Severity(case.severity).label)),
        (_("Status"), str(Status(case.status).label)),
    ]


def _next_step(to: str) -> str:
    """Return what the customer's side has to do, if anything, now that the case is ``to``."""
    steps = {
        Status.IN_PROGRESS: _("An engineer is working on it. You need not do anything now."),
        Status.WAITING: _("We need something from you to go on. Please reply on the case."),
        Status.ON_HOLD: _(
            "We wait for something that is out of our hands, and come back to you. You need not do anything."
        ),
        Status.SOLVED: _("Does it work? A reply brings the case back to us; without one it closes in %(days)d days.")
        % {"days": settings.CASE_AUTO_CLOSE_DAYS},
        Status.CLOSED: _("A reply within %(days)d days reopens the case.") % {"days": settings.CASE_REOPEN_DAYS},
    }
    return steps[Status(to)] if to in steps else ""


_DESCRIPTION = """Since this morning the gateway answers **503** to every second request:

```
GET /v2/orders 503 upstream connect error
```

What we tried: a restart of both nodes, which helped for five minutes."""


def _case(*, is_production_down: bool, verification: str) -> Case:
    subject = "Production down: gateway answers 503" if is_production_down else "Gateway answers 503"
    contact = samples.contact()
    return Case(
        pk=4217,
        account=contact.account,
        contact=contact,
        product=Product(pk=1, name="Integration Platform"),
        subject=subject,
        description=_DESCRIPTION,
        description_html=markdown.render(_DESCRIPTION),
        severity=Severity.S1 if is_production_down else Severity.S2,
        endpoints="https://gateway.acme.example/v2\nhttps://gateway-b.acme.example/v2",
        contact_phone="+1 555 0100",
        contact_time_zone="America/New_York",
        verification=verification,
        opened_at=samples.AT,
        first_response_due_at=samples.AT + timedelta(hours=2),
        production_down_at=samples.AT if is_production_down else None,
    )
