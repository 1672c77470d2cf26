"""Contacts across accounts, invitations, requests to become a contact, and the audit trail."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import history, policies, requests
from accounts.admin.account import CONTACT_ACTS, _person
from accounts.admin.base import BoundedPaginator, ReadOnlyAdmin, tell
from accounts.forms import GrantRequestForm
from accounts.models import Account, AuditEvent, Contact, ContactRequest, Invitation


def _reachable(request: HttpRequest) -> QuerySet[Account]:
    """Return the accounts whose contacts this person may look at."""
    user = _person(request)
    if user.has_perm("accounts.see_all_accounts"):
        return Account.objects.all()
    return Account.objects.managed_by(user)


def _account_link(account: Account | None) -> SafeString | str:
    if account is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("admin:accounts_account_change", args=[account.pk]), account)


def _bulk(name: str) -> Callable[["ContactAdmin", HttpRequest, QuerySet[Contact]], None]:
    """Make the changelist's action of one act: each contact by itself, and every refusal told."""
    label, verb, _done = CONTACT_ACTS[name]

    @admin.action(description=label)
    def act(_admin: "ContactAdmin", request: HttpRequest, chosen: QuerySet[Contact]) -> None:
        done = 0
        for contact in chosen.select_related("account", "user"):
            try:
                verb(contact=contact, actor=_person(request))
                done += 1
            except (ValidationError, PermissionDenied) as error:
                reason = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
                messages.error(request, f"{contact}: {reason}")
        if done:
            messages.success(
                request, ngettext("%(count)d contact done.", "%(count)d contacts done.", done) % {"count": done}
            )

    act.__name__ = name.replace("-", "_")
    return act


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Every contact of the accounts that this person may see; the acts work on many at once."""

    list_display = ("user", "email", "account_name", "is_authorized", "is_account_admin", "created_at", "ended_at")
    list_display_links = None
    list_filter = ("is_authorized", "is_account_admin", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "account")
    search_fields = ("user__email", "user__display_name", "account__name")
    actions = [_bulk(name) for name in CONTACT_ACTS]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """Return the contacts of reachable accounts."""
        return super().get_queryset(request).filter(account__in=_reachable(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the acts to whoever may do them for some account."""
        return super().get_actions(request) if _person(request).has_perm("accounts.manage_contacts") else {}

    @admin.display(description=_l("e-mail"), ordering="user__email")
    def email(self, contact: Contact) -> str:
        """Return the address that signs in."""
        return contact.user.email

    @admin.display(description=_l("account"), ordering="account__name")
    def account_name(self, contact: Contact) -> SafeString | str:
        """Link the account, where the acts are."""
        return _account_link(contact.account)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations; sent again and withdrawn on the account's page."""

    list_display = ("email", "account_name", "as_authorized", "as_account_admin", "created_at", "state")
    list_display_links = None
    list_select_related = ("account",)
    search_fields = ("email", "account__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        """Return the invitations to reachable accounts."""
        return super().get_queryset(request).filter(account__in=_reachable(request))

    @admin.display(description=_l("account"), ordering="account__name")
    def account_name(self, invitation: Invitation) -> SafeString | str:
        """Link the account."""
        return _account_link(invitation.account)

    @admin.display(description=_l("state"))
    def state(self, invitation: Invitation) -> str:
        """Return what has become of it."""
        if invitation.accepted_at:
            return _("accepted")
        if invitation.revoked_at:
            return _("withdrawn")
        return _("open") if invitation.is_open else _("expired")


@admin.register(ContactRequest)
class ContactRequestAdmin(ReadOnlyAdmin):
    """Requests to become a contact: grant for one of one's own accounts, or refuse."""

    change_form_template = "admin/accounts/contactrequest/change_form.html"
    list_display = ("company", "user", "email", "state", "account", "created_at")
    list_filter = ("state",)
    list_select_related = ("user", "account")
    search_fields = ("company", "user__email", "user__display_name")
    fields = ("person", "email", "company", "message", "state", "account", "decider", "decided_at", "created_at")
    readonly_fields = fields

    @admin.display(description=_l("person"))
    def person(self, request: ContactRequest) -> str:
        """Return the name, without the link to a page that CSMs may not open."""
        return request.user.display_name

    @admin.display(description=_l("decided by"))
    def decider(self, request: ContactRequest) -> str:
        """Return who answered."""
        return str(request.decided_by or "")

    @admin.display(description=_l("e-mail"), ordering="user__email")
    def email(self, request: ContactRequest) -> str:
        """Return the verified address that signs in."""
        return request.user.email

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the request with the two answers while it waits."""
        asked = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if asked and asked.state == ContactRequest.State.PENDING and policies.decide_contact_request(_person(request)):
            match = requests.matching_account(asked)
            context["grant_form"] = GrantRequestForm(
                accounts=Account.objects.managed_by(_person(request)), initial={"account": match.pk if match else None}
            )
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        """Add the two answers."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/grant/", wrap(require_POST(self.grant)), name="accounts_contactrequest_grant"),
            path("<int:pk>/refuse/", wrap(require_POST(self.refuse)), name="accounts_contactrequest_refuse"),
            *super().get_urls(),
        ]

    def _asked(self, request: HttpRequest, pk: int) -> ContactRequest:
        policies.decide_contact_request(_person(request)).require()
        asked: ContactRequest = get_object_or_404(self.get_queryset(request), pk=pk)
        return asked

    def grant(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the person a contact of the chosen account."""
        asked = self._asked(request, pk)
        form = GrantRequestForm(request.POST, accounts=Account.objects.managed_by(_person(request)))
        if not form.is_valid():
            messages.error(request, _("Choose one of your accounts."))
            return self._back(pk)
        try:
            requests.grant(request=asked, account=form.cleaned_data["account"], actor=_person(request))
        except ValidationError as error:
            tell(request, error)
        else:
            messages.success(
                request,
                _("%(person)s is now a contact of %(account)s.")
                % {"person": asked.user.display_name, "account": form.cleaned_data["account"]},
            )
        return self._back(pk)

    def refuse(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Turn the request down."""
        asked = self._asked(request, pk)
        try:
            requests.refuse(request=asked, actor=_person(request))
        except ValidationError as error:
            tell(request, error)
        else:
            messages.success(request, _("The request was refused, and the person is told."))
        return self._back(pk)

    @staticmethod
    def _back(pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:accounts_contactrequest_change", args=[pk]))


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what to whom; the database refuses to change a line."""

    list_display = ("created_at", "sentence", "account_name")
    list_display_links = None
    list_filter = ("act", ("account", admin.RelatedOnlyFieldListFilter))
    paginator = BoundedPaginator
    list_select_related = ("actor", "subject", "account")
    search_fields = ("actor__display_name", "subject__display_name", "subject__email", "account__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """Return the lines of reachable accounts; those about people, to administrators."""
        about = Cast(KeyTextTransform("invitation", "data"), BigIntegerField())
        address = Invitation.objects.filter(pk=OuterRef("about")).values("email")
        rows: QuerySet[AuditEvent] = super().get_queryset(request)
        rows = rows.annotate(about=about).annotate(invited=Subquery(address))
        if _person(request).is_superuser:
            return rows
        return rows.filter(account__in=_reachable(request))

    @admin.display(description=_l("who did what"))
    def sentence(self, event: AuditEvent) -> str:
        """Return the line in words."""
        line = history.line(event, invited=event.invited or "")  # type: ignore[attr-defined] # get_queryset adds it
        return f"{line.who or _('The portal')} {line.what}"

    @admin.display(description=_l("account"), ordering="account__name")
    def account_name(self, event: AuditEvent) -> SafeString | str:
        """Link the account."""
        return _account_link(event.account)
