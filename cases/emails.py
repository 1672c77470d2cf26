"""From what happened to a case to rows in the delivery ledger.

The frozen context holds ids and codes; ``cases.presenting`` turns them into what a template shows, just before sending,
for a recipient who may still see it.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from cases import policies
from cases.constants import Status, Verification
from cases.models import Alert, Case, CaseEvent, Comment, OnCallStep
from cases.presenting import present, present_alert, sample, sample_alert
from notifications import samples
from notifications.kinds import Kind, Recipient, Sample
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


_QUESTION = "Thank you for the log. Which version of the gateway runs on the second node?"
_ANSWER = "It is 4.2.1 on both nodes."
_SOLUTION = "The second node held connections that were dead. **4.2.2** closes them; please install it and tell us."

KINDS = (
    Kind(
        name="cases.created",
        label=_l("Case created"),
        may_receive=_may_receive,
        present=present,
        summary=lambda shown: _("%(number)s is filed: %(subject)s") % _names(shown),
        url=_url,
        samples=(
            Sample(sample),
            Sample(partial(sample, is_production_down=True), code="production-down"),
            Sample(partial(sample, verification=Verification.PENDING), code="pending"),
        ),
    ),
    Kind(
        name="cases.status_changed",
        label=_l("Status changed"),
        category=CATEGORY,
        may_receive=_may_receive,
        present=present,
        summary=lambda shown: _("%(number)s is now %(status)s: %(subject)s") % _names(shown),
        url=_url,
        samples=(
            Sample(partial(sample, moved=(Status.NEW, Status.IN_PROGRESS))),
            Sample(partial(sample, moved=(Status.IN_PROGRESS, Status.WAITING), says=_QUESTION), code="waiting"),
            Sample(partial(sample, moved=(Status.IN_PROGRESS, Status.SOLVED), says=_SOLUTION), code="solved"),
            Sample(partial(sample, moved=(Status.SOLVED, Status.CLOSED)), code="closed"),
        ),
    ),
    Kind(
        name="cases.public_reply",
        label=_l("Reply"),
        category=CATEGORY,
        may_receive=_may_receive,
        present=present,
        summary=lambda shown: _("%(actor)s replied on %(number)s: %(subject)s") % _names(shown),
        url=_url,
        samples=(
            Sample(partial(sample, says=_QUESTION)),
            Sample(lambda: sample(says=_ANSWER, by=samples.customer(), to_desk=True), code="desk"),
        ),
    ),
    Kind(
        name="cases.assigned",
        label=_l("Case assigned"),
        may_receive=_may_receive,
        present=present,
        summary=lambda shown: _("%(number)s is yours now: %(subject)s") % _names(shown),
        url=_url,
        samples=(Sample(partial(sample, to_desk=True)),),
    ),
    Kind(
        name="cases.verification_needed",
        label=_l("Case to verify"),
        may_receive=_may_receive,
        present=present,
        summary=lambda shown: _("%(number)s waits for verification: %(subject)s") % _names(shown),
        url=_url,
        samples=(Sample(lambda: sample(verification=Verification.PENDING, by=samples.customer())),),
    ),
    Kind(
        name="cases.verification_refused",
        label=_l("Case not accepted"),
        may_receive=_may_receive,
        present=present,
        summary=lambda shown: _("%(number)s was not accepted: %(subject)s") % _names(shown),
        url=_url,
        samples=(Sample(lambda: sample(verification=Verification.REFUSED, by=samples.csm())),),
    ),
    Kind(
        name="cases.production_down",
        label=_l("Production Down alert"),
        may_receive=_may_be_alerted,
        present=present_alert,
        summary=lambda shown: _("Production Down: %(number)s, %(subject)s") % _names(shown),
        url=_url,
        payload=_alert_payload,
        webhook_secret=webhook_secret,
        samples=(Sample(sample_alert),),
    ),
)


def _names(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": shown["case"].number,
        "subject": shown["case"].subject,
        "status": shown["to_label"] or shown["case"].get_status_display(),
        "actor": shown["actor"] or settings.PORTAL_NAME,
    }
