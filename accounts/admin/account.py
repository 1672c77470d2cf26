"""The screen that administrators and CSMs live in: an account, its contacts, invitations and history."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, ForeignKey, Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from accounts import contacts, history, invitations, membership, policies
from accounts.admin.base import QuietAdmin, TabularInline, act_button, tell
from accounts.constants import Role
from accounts.forms import AddContactForm, ImportContactsForm
from accounts.http import PersonalRequest
from accounts.models import Account, AuditEvent, Contact, Invitation, User

HISTORY_LINES = 50
Act = tuple[Any, Callable[..., Any], Any]

# The act's name in the address, what it does, and what it says when done.
CONTACT_ACTS: Mapping[str, Act] = {
    "authorize": (_l("Authorize"), contacts.authorize, _l("%(name)s is authorized.")),
    "withdraw": (
        _l("Withdraw authorization"),
        contacts.withdraw_authorization,
        _l("%(name)s is no longer authorized."),
    ),
    "make-admin": (_l("Make account admin"), contacts.make_account_admin, _l("%(name)s is account admin.")),
    "withdraw-admin": (
        _l("Withdraw account admin"),
        contacts.withdraw_account_admin,
        _l("%(name)s is no longer account admin."),
    ),
    "end": (_l("End access"), contacts.end_access, _l("The access of %(name)s has ended.")),
    "restore": (_l("Restore access"), contacts.restore_access, _l("%(name)s has access again.")),
}
INVITATION_ACTS: Mapping[str, Act] = {
    "resend": (_l("Send again"), invitations.resend, _l("The invitation of %(name)s was sent again.")),
    "withdraw": (_l("Withdraw"), invitations.revoke, _l("The invitation of %(name)s was withdrawn.")),
}


class ContactInline(TabularInline):
    """The contacts, ended ones last; changed by the buttons only, so that no rule is skipped."""

    model = Contact
    template = "admin/accounts/account/contacts_inline.html"
    fields = ("person", "is_authorized", "is_account_admin", "created_at", "ended_at", "acts")
    readonly_fields = fields
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """Present contacts first, in the order they came."""
        rows = super().get_queryset(request).select_related("user", "account")
        return rows.order_by(F("ended_at").asc(nulls_first=True), "id")

    def get_formset(self, request: HttpRequest, obj: Account | None = None, **kwargs: Any) -> Any:
        """Remember whether this person may act."""
        self.may_act = obj is not None and bool(policies.manage_contacts(_person(request), obj))
        return super().get_formset(request, obj, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """By the box below the table."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """By the buttons."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """A contact is ended, never deleted."""
        return False

    @admin.display(description=_l("person"))
    def person(self, contact: Contact) -> SafeString:
        """Return the name and the address that signs in."""
        return format_html("<strong>{}</strong><br>{}", contact.user.display_name, contact.user.email)

    @admin.display(description=_l("acts"))
    def acts(self, contact: Contact) -> SafeString | str:
        """Return the buttons of what can be done with this contact now."""
        if not self.may_act:
            return ""
        return format_html_join(" ", "{}", [(contact_button(name, contact),) for name in possible_acts(contact)])


def possible_acts(contact: Contact) -> list[str]:
    """Return the names of the acts that would change something."""
    if not contact.is_current:
        return [] if contact.user.erased_at else ["restore"]
    return [
        "withdraw" if contact.is_authorized else "authorize",
        "withdraw-admin" if contact.is_account_admin else "make-admin",
        "end",
    ]


def contact_button(name: str, contact: Contact) -> SafeString:
    """Return the button of one act."""
    url = reverse("admin:accounts_account_contact_act", args=[contact.account_id, contact.pk, name])
    return act_button(str(CONTACT_ACTS[name][0]), url, whom=contact.user.display_name)


@admin.register(Account)
class AccountAdmin(QuietAdmin):
    """Accounts: a CSM sees those they look after, a support manager and an administrator all."""

    change_form_template = "admin/accounts/account/change_form.html"
    inlines = [ContactInline]
    list_display = ("name", "plan", "channel", "csm", "authorized_contacts", "present_contacts")
    list_filter = ("plan", "channel")
    list_select_related = ("plan", "csm")
    search_fields = ("name", "contacts__user__email", "contacts__user__display_name")
    search_help_text = _l("Name of the account, or name or e-mail of a contact")
    fields = ("name", "plan", "channel", "partner", "csm", "sales_representative", "case_visibility")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Return what this person may see here, counted for the list."""
        user = _person(request)
        rows = (
            Account.objects.all() if user.has_perm("accounts.see_all_accounts") else (Account.objects.managed_by(user))
        )
        current = Q(contacts__ended_at=None)
        return rows.annotate(
            n_contacts=Count("contacts", filter=current),
            n_authorized=Count("contacts", filter=current & Q(contacts__is_authorized=True)),
        )

    @admin.display(description=_l("contacts"), ordering="n_contacts")
    def present_contacts(self, account: Account) -> int:
        """Return how many have access now."""
        return account.n_contacts  # type: ignore[attr-defined,no-any-return]

    @admin.display(description=_l("authorized"), ordering="n_authorized")
    def authorized_contacts(self, account: Account) -> str:
        """Return how many of how many."""
        limit = account.plan.authorized_contact_limit
        count: int = account.n_authorized  # type: ignore[attr-defined]
        return str(count) if limit is None else _("%(count)d of %(limit)d") % {"count": count, "limit": limit}

    def get_fields(self, request: HttpRequest, obj: Account | None = None) -> Any:  # noqa: ARG002 - Django's signature
        """Name the CSM without a link for whoever may not open the page of a person."""
        if _person(request).is_superuser:
            return self.fields
        names = {"csm": "csm_name", "sales_representative": "sales_representative_name"}
        return [names.get(name, name) for name in self.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> Any:  # noqa: ARG002 - Django's signature
        """Return the names that stand for links."""
        return () if _person(request).is_superuser else ("csm_name", "sales_representative_name")

    @admin.display(description=_l("CSM"))
    def csm_name(self, account: Account) -> str:
        """Return who looks after the account."""
        return str(account.csm or "")

    @admin.display(description=_l("sales representative"))
    def sales_representative_name(self, account: Account) -> str:
        """Return who sells to the account."""
        return str(account.sales_representative or "")

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Offer as CSM and sales representative who has that role."""
        if db_field.name in {"csm", "sales_representative"}:
            kwargs["queryset"] = (
                User.objects.filter(is_active=True).filter(Q(groups__name=Role.CSM) | Q(is_superuser=True)).distinct()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Account, form: "ModelForm[Account]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save what was changed, write it into the history, and say when the plan is now too small."""
        super().save_model(request, obj, form, change)
        if form.changed_data:
            membership.record(
                AuditEvent.Act.ACCOUNT_CHANGED, actor=_person(request), account=obj, fields=sorted(form.changed_data)
            )
        limit = obj.plan.authorized_contact_limit
        count = obj.contacts.current().filter(is_authorized=True).count()
        if limit is not None and count > limit:
            messages.warning(
                request,
                _("%(plan)s allows %(limit)d authorized contacts, and %(count)d are authorized. They stay so.")
                % {"plan": obj.plan.name, "limit": limit, "count": count},
            )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the account with its open invitations and its latest history."""
        account = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(self._context(request, account) if account else {})}
        return super().change_view(request, object_id, form_url, context)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Show the account's whole audit trail."""
        if not (object_id.isascii() and object_id.isdecimal()):
            raise Http404
        account = self._account(request, int(object_id))
        return HttpResponseRedirect(
            f"{reverse('admin:accounts_auditevent_changelist')}?account__id__exact={account.pk}"
        )

    def _context(self, request: HttpRequest, account: Account) -> dict[str, Any]:
        may_act = bool(policies.manage_contacts(_person(request), account))
        waiting = account.invitations.unanswered().select_related("invited_by")[:200]
        return {
            "may_act": may_act,
            "places": _("authorized: %(places)s") % {"places": self.authorized_contacts(account)},
            "add_contact_form": AddContactForm(auto_id="contact_%s"),
            "import_form": ImportContactsForm(auto_id="import_%s"),
            "waiting_invitations": [
                (invitation, [self._invitation_button(name, invitation) for name in INVITATION_ACTS] if may_act else [])
                for invitation in waiting
            ],
            "history_lines": history.lines(account.audit_events.with_names()[:HISTORY_LINES]),
        }

    @staticmethod
    def _invitation_button(name: str, invitation: Invitation) -> SafeString:
        url = reverse("admin:accounts_account_invitation_act", args=[invitation.account_id, invitation.pk, name])
        return act_button(str(INVITATION_ACTS[name][0]), url, whom=invitation.email)

    # --- Acts: each an address of its own under the account ---------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the acts."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/contacts/add/", wrap(self.add_contact), name="accounts_account_contact_add"),
            path("<int:pk>/contacts/import/", wrap(self.import_contacts), name="accounts_account_contact_import"),
            path(
                "<int:pk>/contacts/<int:contact_pk>/<slug:act>/",
                wrap(require_POST(self.contact_act)),
                name="accounts_account_contact_act",
            ),
            path(
                "<int:pk>/invitations/<int:invitation_pk>/<slug:act>/",
                wrap(require_POST(self.invitation_act)),
                name="accounts_account_invitation_act",
            ),
            *super().get_urls(),
        ]

    def _account(self, request: HttpRequest, pk: int) -> Account:
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def _managed(self, request: HttpRequest, pk: int) -> Account:
        account = self._account(request, pk)
        policies.manage_contacts(_person(request), account).require()
        return account

    def add_contact(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add by e-mail; what was typed stays when it is refused."""
        account = self._managed(request, pk)
        form = AddContactForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                address = contacts.add_by_email(account=account, actor=_person(request), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(
                    request,
                    _("%(address)s was added. Who has no sign-in with this address yet gets an invitation by mail.")
                    % {"address": address},
                )
                return _back(account)
        return self._page(request, "add_contact", account, form=form, title=_("Add a contact"))

    def import_contacts(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import a CSV file and report every line that was refused."""
        account = self._managed(request, pk)
        form = ImportContactsForm(request.POST or None, request.FILES or None)
        report = None
        if request.method == "POST" and form.is_valid():
            try:
                report = contacts.import_csv(account=account, file=form.cleaned_data["file"], actor=_person(request))
            except ValidationError as error:
                form.add_error("file", error)
        return self._page(request, "import_contacts", account, form=form, report=report, title=_("Import contacts"))

    def contact_act(self, request: HttpRequest, pk: int, contact_pk: int, act: str) -> HttpResponse:
        """Do one act on one contact and come back."""
        account = self._managed(request, pk)
        contact = get_object_or_404(account.contacts.select_related("user", "account"), pk=contact_pk)
        _label, verb, done = get_or_404(CONTACT_ACTS, act)
        try:
            verb(contact=contact, actor=_person(request))
        except ValidationError as error:
            tell(request, error)
        else:
            messages.success(request, str(done) % {"name": contact.user.display_name})
        return _back(account)

    def invitation_act(self, request: HttpRequest, pk: int, invitation_pk: int, act: str) -> HttpResponse:
        """Send an invitation again or withdraw it, and come back."""
        account = self._managed(request, pk)
        invitation = get_object_or_404(account.invitations, pk=invitation_pk)
        _label, verb, done = get_or_404(INVITATION_ACTS, act)
        try:
            verb(invitation=invitation, actor=_person(request))
        except ValidationError as error:
            tell(request, error)
        else:
            messages.success(request, str(done) % {"name": invitation.email})
        return _back(account)

    def _page(self, request: HttpRequest, name: str, account: Account, **context: Any) -> HttpResponse:
        return render(
            request,
            f"admin/accounts/account/{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, "account": account, **context},
        )


def get_or_404(acts: Mapping[str, Act], name: str) -> Act:
    """Return the act of that name. Raises ``Http404``."""
    if name not in acts:
        raise Http404
    return acts[name]


def _back(account: Account) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[account.pk]) + "#contacts")


def _person(request: HttpRequest | PersonalRequest) -> User:
    """Return who is signed in: the site lets nobody else as far as here."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("The administration is entered by signed-in people.")
    return user
