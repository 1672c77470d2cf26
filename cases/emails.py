"""From what happened to a case to rows in the delivery ledger.

The frozen context holds ids and codes; ``present`` turns them into what a template shows, just before sending, for a
recipient who may still see it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts import policies as accounts_policies
from accounts.models import User
from cases import policies, promises
from cases.constants import Severity, Status, Verification
from cases.models import Alert, Case, CaseEvent, Comment, OnCallStep
from notifications.kinds import Kind, Recipient
from notifications.ledger import To, post
from notifications.models import Channel

# What a person may switch off by mail; it goes on in the notification centre.
CATEGORY = "case-updates"


def case_created(case: Case, *, event: CaseEvent) -> None:
    """Confirm the case to its contact, who is told although they filed it: the mail holds the number."""
    _post("cases.created", case, event=event, people=[case.contact.user], actor=None)


def verification_needed(case: Case, *, event: CaseEvent) -> None:
    """Ask the account's CSM and admins to confirm a case of a contact who is not authorized."""
    admins = User.objects.filter(
        contacts__account=case.account, contacts__is_account_admin=True, contacts__ended_at=None
    ).exclude(pk=case.contact.user_id)
    people = [*admins, *([case.account.csm] if case.account.csm else [])]
    _post("cases.verification_needed", case, event=event, people=people, actor=event.actor, part="verify")


def verification_refused(case: Case, *, event: CaseEvent) -> None:
    """Tell the contact kindly that their case was not accepted, and what they can do."""
    _post("cases.verification_refused", case, event=event, people=[case.contact.user], actor=event.actor)


def status_changed(case: Case, *, event: CaseEvent, comment: Comment | None = None) -> None:
    """Tell the customer's side, and the owner, that the status moved; with the reply that moved it, if any."""
    extra = {"from": event.data["from"], "to": event.data["to"], "comment": comment.pk if comment else None}
    _post("cases.status_changed", case, event=event, people=_audience(case), actor=event.actor, extra=extra)


def public_reply(case: Case, *, event: CaseEvent, comment: Comment) -> None:
    """Tell everybody on the case of a reply."""
    _post(
        "cases.public_reply",
        case,
        event=event,
        people=_audience(case),
        actor=event.actor,
        extra={"comment": comment.pk},
    )


def assigned(case: Case, *, event: CaseEvent, owner: User) -> None:
    """Tell the new owner."""
    _post("cases.assigned", case, event=event, people=[owner], actor=event.actor)


def production_down(alert: Alert, *, step: int, recipients: Iterable[To]) -> None:
    """Alert one step of the on-call list."""
    post(
        kind="cases.production_down",
        event=f"case-alert:{alert.pk}:{step}",
        recipients=recipients,
        context={"case": alert.case_id, "alert": alert.pk, "step": step},
        thread=_thread(alert.case),
    )


def _post(
    kind: str,
    case: Case,
    *,
    event: CaseEvent,
    people: Iterable[User],
    actor: User | None,
    extra: Mapping[str, Any] | None = None,
    part: str = "",
) -> None:
    recipients = [to for person in people for to in (To(user=person), To(user=person, channel=Channel.SITE))]
    post(
        kind=kind,
        event=f"case-event:{event.pk}{':' + part if part else ''}",
        recipients=recipients,
        context={"case": case.pk, "event": event.pk, **(extra or {})},
        actor=actor,
        thread=_thread(case),
    )


def _thread(case: Case) -> str:
    return f"case:{case.pk}"


def _audience(case: Case) -> list[User]:
    followers = list(User.objects.filter(pk__in=case.followers.values("user")))
    return [case.contact.user, *([case.owner] if case.owner else []), *followers]


# --- What the worker asks just before sending -----------------------------------------------------------------


def _may_receive(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    user = recipient.user
    if user is None or not user.is_active:
        return False
    if not Case.objects.visible_to(user).filter(pk=context["case"]).exists():
        return False
    comment = context.get("comment")
    return (
        comment is None
        or bool(policies.see_internal(user))
        or Comment.objects.filter(pk=comment, is_internal=False).exists()
    )


def _may_be_alerted(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    # A step that was alerted keeps its mail even when somebody acknowledged meanwhile: the mail says so.
    if recipient.user is not None:
        return recipient.user.is_active and bool(policies.work_desk(recipient.user))
    return OnCallStep.objects.filter(webhook_url=recipient.address).exists() and "alert" in context


def _present(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    case = Case.objects.select_related("account__plan", "account__csm", "contact__user", "product", "owner").get(
        pk=context["case"]
    )
    event = CaseEvent.objects.select_related("actor").filter(pk=context.get("event") or 0).first()
    comment = Comment.objects.select_related("author").filter(pk=context.get("comment") or 0).first()
    at_desk = recipient.user is not None and bool(policies.work_desk(recipient.user))
    is_contact = recipient.user is not None and accounts_policies.contact_of(recipient.user, case.account) is not None
    return {
        "case": case,
        "number": case.number,
        "event": event,
        "comment": comment,
        "actor": event.actor if event else None,
        "recipient": recipient.user,
        "at_desk": at_desk,
        "url": settings.PORTAL_URL + (case.get_desk_url() if at_desk else case.get_absolute_url()),
        "from_label": Status(context["from"]).label if "from" in context else "",
        "to_label": Status(context["to"]).label if "to" in context else "",
        "to": context.get("to", ""),
        "severity_label": Severity(case.severity).label,
        "facts": _facts(case),
        "files": list(event.attachments.select_related("upload")) if event else [],
        "is_pending": case.verification == Verification.PENDING,
        "first_response": promises.first_response_in_words(case.account.plan, case.severity),
        "hotline": case.account.plan.hotline_number if is_contact and case.account.plan.has_hotline else "",
        "next_step": "" if at_desk else _next_step(context.get("to", "")),
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


def _present_alert(recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    alert = Alert.objects.select_related("acknowledged_by").get(pk=context["alert"])
    url = settings.PORTAL_URL + reverse("desk:acknowledge", args=[alert.token])
    shown = _present(recipient, context)
    case = shown["case"]
    shown["facts"] += [
        (_("Phone"), case.contact_phone),
        (_("Their time zone"), case.contact_time_zone),
        (_("Environment"), case.get_environment_display()),
        (_("Endpoints"), case.endpoints),
    ]
    return {**shown, "alert": alert, "step": context["step"] + 1, "acknowledge_url": url}


def _alert_payload(shown: Mapping[str, Any]) -> dict[str, Any]:
    case = shown["case"]
    return {
        "case": case.number,
        "account": case.account.name,
        "product": case.product.name,
        "subject": case.subject,
        "step": shown["step"],
        "url": settings.PORTAL_URL + case.get_desk_url(),
        "acknowledge_url": shown["acknowledge_url"],
    }


def webhook_secret(address: str) -> str:
    """Return the signing secret of an on-call webhook, or an empty string."""
    step = OnCallStep.objects.filter(webhook_url=address).exclude(webhook_secret="").first()
    return step.webhook_secret if step else ""


def _url(context: Mapping[str, Any]) -> str:
    return reverse("cases:detail", args=[context["case"]])


KINDS = (
    Kind(
        name="cases.created",
        label=_l("Case created"),
        may_receive=_may_receive,
        present=_present,
        summary=lambda shown: _("%(number)s is filed: %(subject)s") % _names(shown),
        url=_url,
    ),
    Kind(
        name="cases.status_changed",
        label=_l("Status changed"),
        category=CATEGORY,
        may_receive=_may_receive,
        present=_present,
        summary=lambda shown: _("%(number)s is now %(status)s: %(subject)s") % _names(shown),
        url=_url,
    ),
    Kind(
        name="cases.public_reply",
        label=_l("Reply"),
        category=CATEGORY,
        may_receive=_may_receive,
        present=_present,
        summary=lambda shown: _("%(actor)s replied on %(number)s: %(subject)s") % _names(shown),
        url=_url,
    ),
    Kind(
        name="cases.assigned",
        label=_l("Case assigned"),
        may_receive=_may_receive,
        present=_present,
        summary=lambda shown: _("%(number)s is yours now: %(subject)s") % _names(shown),
        url=_url,
    ),
    Kind(
        name="cases.verification_needed",
        label=_l("Case to verify"),
        may_receive=_may_receive,
        present=_present,
        summary=lambda shown: _("%(number)s waits for verification: %(subject)s") % _names(shown),
        url=_url,
    ),
    Kind(
        name="cases.verification_refused",
        label=_l("Case not accepted"),
        may_receive=_may_receive,
        present=_present,
        summary=lambda shown: _("%(number)s was not accepted: %(subject)s") % _names(shown),
        url=_url,
    ),
    Kind(
        name="cases.production_down",
        label=_l("Production Down alert"),
        may_receive=_may_be_alerted,
        present=_present_alert,
        summary=lambda shown: _("Production Down: %(number)s, %(subject)s") % _names(shown),
        url=_url,
        payload=_alert_payload,
        webhook_secret=webhook_secret,
    ),
)


def _names(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": shown["case"].number,
        "subject": shown["case"].subject,
        "status": shown["to_label"] or shown["case"].get_status_display(),
        "actor": shown["actor"] or settings.PORTAL_NAME,
    }
