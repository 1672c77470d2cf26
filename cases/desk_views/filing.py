"""Filing a case for a contact who called, or whom an engineer met."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.constants import Channel
from accounts.http import PersonalRequest
from accounts.models import Account
from cases import drafts, workflow
from cases.constants import Environment, Origin, Severity
from cases.desk_forms import AccountSearchForm, StaffCaseForm, sent_token
from cases.desk_views.access import at_desk
from cases.models import Case
from files.forms import offer_again
from files.staging import UploadRefused
from lib.body_limit import accepts_files

ACCOUNTS_SHOWN = 20


@at_desk
@require_GET
def choose_account(request: PersonalRequest) -> HttpResponse:
    """Ask for which customer the case is."""
    form = AccountSearchForm(request.GET)
    accounts = Account.objects.visible_to(request.user).select_related("plan", "partner").order_by("name")
    accounts = accounts.filter(name__icontains=form.cleaned_data["q"]) if form.is_valid() else accounts.none()
    context = {"form": form, "accounts": accounts[:ACCOUNTS_SHOWN], "limit": ACCOUNTS_SHOWN}
    return render(request, "cases/desk/new_account.html", context, status=200 if form.is_valid() else 400)


@accepts_files
@at_desk
@require_http_methods(["GET", "POST"])
def file_case(request: PersonalRequest, account_id: int) -> HttpResponse:
    """File a case of one of the account's contacts."""
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("plan"), pk=account_id)
    if account.channel == Channel.PARTNER:
        raise PermissionDenied(_("A support partner answers cases of this account."))
    kept = drafts.kept(request.user, drafts.key_of(drafts.FILE, account.pk))
    form = StaffCaseForm(
        request.POST or None, request.FILES or None, account=account, owner=request.user, initial=kept.initial
    )
    if not form.is_bound:
        offer_again(form, kept.uploads)
    if request.method == "POST":
        again = _filed_before(request, form)
        if again is not None:
            return HttpResponseRedirect(again.get_desk_url())
        if form.is_valid():
            case = _file(request, form)
            if case is not None:
                messages.success(request, _("%(number)s is filed.") % {"number": case.number})
                return HttpResponseRedirect(case.get_desk_url())
    context: dict[str, Any] = {"form": form, "account": account, "kept": kept}
    return render(request, "cases/desk/new.html", context, status=422 if form.errors else 200)


def _file(request: PersonalRequest, form: StaffCaseForm) -> Case | None:
    data = form.cleaned_data
    new = workflow.NewCase(
        product=data["product"],
        subject=data["subject"],
        description=data["description"],
        severity=Severity(data["severity"]),
        environment=Environment(data["environment"]),
        endpoints=data["endpoints"],
        contact_phone=data["contact_phone"],
    )
    try:
        return workflow.open_case(
            contact=data["filed_for"],
            actor=request.user,
            new=new,
            uploads=[upload.token for upload in data["uploads"]],
            origin=Origin.STAFF,
            submission_token=data["submission_token"],
            also=lambda case: drafts.forget(request.user, drafts.key_of(drafts.FILE, case.account_id)),
        )
    except UploadRefused as refusal:
        form.add_error("uploads", refusal.reason)
    except IntegrityError:
        # Another case holds the form's token: one submitted at the same moment, or a form that was tampered with.
        form.add_error(None, _("This form was sent before. Reload the page to file another case."))
    except PermissionDenied as error:
        form.add_error(None, str(error))
    return None


def _filed_before(request: PersonalRequest, form: StaffCaseForm) -> Case | None:
    """Return the case that a first submission of this very form made."""
    token = sent_token(form)
    return Case.objects.visible_to(request.user).filter(submission_token=token).first() if token else None
