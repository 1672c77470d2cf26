"""Create Case: the form, its hints, and what is shown once the case is filed."""

from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonalRequest
from accounts.models import Contact, Product, User
from cases import drafts, hooks, policies, production_down, promises, workflow
from cases.constants import Environment, Severity, Verification
from cases.forms import CreateCaseForm, one_line
from cases.models import Case
from cases.models.case import SUBJECT_MAX_LENGTH
from files.forms import offer_again
from files.staging import UploadRefused
from lib import markdown
from lib.body_limit import accepts_files
from lib.forms import put


@accepts_files
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PersonalRequest) -> HttpResponse:
    """File a case; whoever may not is shown their own way to support."""
    user = request.user
    if policies.work_desk(user) and not user.active_contacts:
        return redirect("desk:queue")
    contacts = policies.may_file_for(user)
    if not contacts:
        return _other_way(request)
    if request.method != "POST":
        prefill = _prefill(request)
        kept = drafts.kept(user, drafts.new_key(prefill))
        initial = {**_remembered(user), **prefill, **kept.initial}
        form = CreateCaseForm(initial=initial, owner=user, contacts=contacts)
        offer_again(form, kept.uploads)
        return _show(request, form, kept=kept)
    return _file(request, contacts)


def _file(request: PersonalRequest, contacts: list[Contact]) -> HttpResponse:
    # Asked before the form is, for a second submission's files are attached to the first one's case already.
    if again := _filed_before(request):
        return redirect("cases:filed", pk=again.pk)
    form = CreateCaseForm(request.POST, request.FILES, owner=request.user, contacts=contacts)
    if "preview" in request.POST:
        form.full_clean()
        form.errors.clear()
        shown = mark_safe(markdown.render(_text(request, "description")))  # noqa: S308 - sanitised by render
        return _show(request, form, preview=shown)
    if "check" in request.POST:
        form.full_clean()
        is_proposed = _propose(form, request)
        form.errors.clear()
        return _show(request, form, is_proposed=is_proposed)
    if not form.is_valid():
        if again := _filed_before(request):
            return redirect("cases:filed", pk=again.pk)
        return _show(request, form, status=422, is_proposed=_propose(form, request))
    try:
        case = _open(form, request)
    except UploadRefused as refusal:
        form.add_error("uploads", refusal.reason)
    except IntegrityError:
        if again := _filed_before(request):
            return redirect("cases:filed", pk=again.pk)
        put(form, "submission_token", str(uuid4()))
        form.add_error(None, _("This form was sent before. Please send it once more."))
    else:
        return redirect("cases:filed", pk=case.pk)
    return _show(request, form, status=422)


def _show(
    request: PersonalRequest,
    form: CreateCaseForm,
    *,
    kept: drafts.Kept | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    panels = hooks.filing_panels(request.user, _product(form, form["product"].value()), sent)
    kept = kept or drafts.kept(request.user, _draft_key(request))
    context = _context(form, request.user, panels=panels, kept=kept, **extra)
    return render(request, "cases/create.html", context, status=status)


def _product(form: CreateCaseForm, value: Any) -> Product | None:
    """Return the product that is chosen so far, whatever else is missing or wrong."""
    if isinstance(value, Product):
        return value
    try:
        return cast("Product", form.fields["product"].clean(value))
    except ValidationError:
        return None


def _propose(form: CreateCaseForm, request: PersonalRequest) -> bool:
    """Fill fields that were left empty with what apps propose; their owner reads it before it is sent."""
    product = _product(form, form["product"].value())
    texts = hooks.proposed_texts(request.user, product, request.POST) if product else {}
    filled = [name for name in texts if name in form.fields and not str(form[name].value() or "").strip()]
    for name in filled:
        put(form, name, texts[name])
        form.errors.pop(name, None)
    return bool(filled)


def _open(form: CreateCaseForm, request: PersonalRequest) -> Case:
    given, user = form.cleaned_data, request.user

    def also(case: Case) -> None:
        hooks.filed(case, user, request.POST)
        drafts.forget(user, _draft_key(request))

    return workflow.open_case(
        contact=form.contact,
        actor=user,
        new=workflow.NewCase(
            product=given["product"],
            subject=given["subject"],
            description=given["description"],
            severity=Severity(given["severity"]),
            environment=Environment(given["environment"]),
            endpoints=given["endpoints"],
            contact_phone=given["contact_phone"],
            contact_time_zone=user.time_zone,
        ),
        uploads=[upload.token for upload in given["uploads"]],
        submission_token=given["submission_token"],
        also=also,
    )


def _draft_key(request: PersonalRequest) -> str:
    """Return under which key the form that was sent keeps its draft."""
    key = request.POST.get("draft_key", "")
    return key if drafts.fields_of(key) == drafts.FIELDS[drafts.NEW] else drafts.NEW


def _filed_before(request: PersonalRequest) -> Case | None:
    try:
        token = UUID(request.POST.get("submission_token", ""))
    except ValueError:
        return None
    return Case.objects.visible_to(request.user).filed_by(request.user).filter(submission_token=token).first()


def _other_way(request: PersonalRequest) -> HttpResponse:
    partners = [contact.account for contact in request.user.active_contacts if contact.account.is_partner_supported]
    if request.method == "POST":
        reason = _("Your support partner answers cases of this account.") if partners else ""
        raise PermissionDenied(reason or _("Only contacts of a customer account file cases."))
    if partners:
        return render(request, "cases/partner.html", {"accounts": partners})
    return render(request, "cases/become_contact.html", {"here": "create"})


def _remembered(user: User) -> dict[str, Any]:
    """Return what was chosen in the person's last case: most ask about the same product again."""
    filed = Case.objects.visible_to(user).filed_by(user).order_by("-id")
    last = filed.values("product", "environment", "contact_phone").first()
    return dict(last) if last else {}


def _prefill(request: PersonalRequest) -> dict[str, Any]:
    """Take subject and product (its code) from the address; anything odd is left out."""
    subject = one_line(request.GET.get("subject", "")[:SUBJECT_MAX_LENGTH])
    code = request.GET.get("product", "")[:40].replace("\x00", "")
    offered = CreateCaseForm.base_fields["product"].queryset.model.objects.offered()  # type: ignore[attr-defined]
    product = offered.filter(code=code).first() if code else None
    return {name: value for name, value in (("subject", subject), ("product", product)) if value}


def _context(form: CreateCaseForm, user: User, **extra: Any) -> dict[str, Any]:
    contacts = list(form.contacts.values())
    return {
        "form": form,
        "unauthorized": [contact.account for contact in contacts if not contact.is_authorized],
        "several": len(contacts) > 1,
        "partnered": [contact.account for contact in user.active_contacts if contact.account.is_partner_supported],
        "plan": contacts[0].account.plan if len(contacts) == 1 else None,
        **_hints(str(form["subject"].value() or ""), str(form["description"].value() or "")),
        **extra,
    }


def _hints(subject: str, description: str) -> dict[str, bool]:
    # What is longer than a field may be is refused anyway: it is not worth reading whole.
    subject, description = subject[: SUBJECT_MAX_LENGTH * 5], description[: markdown.MAX_LENGTH]
    is_down = production_down.matches(subject)
    speaks_of_it = production_down.matches(description)
    near = speaks_of_it or production_down.nearly_matches(subject) or production_down.nearly_matches(description)
    return {"is_production_down": is_down, "is_nearly_production_down": near and not is_down}


@login_required
@never_cache
@require_safe
def filing_extras(request: PersonalRequest) -> HttpResponse:
    """Return what stands below the product that was just chosen on Create Case."""
    contacts = policies.may_file_for(request.user)
    if not contacts:
        raise PermissionDenied(_("Only contacts of a customer account file cases."))
    form = CreateCaseForm(owner=request.user, contacts=contacts)
    product = _product(form, request.GET.get("product", ""))
    panels = hooks.filing_panels(request.user, product, request.GET)
    return render(request, "cases/_filing_panels.html", {"panels": panels})


def _text(request: PersonalRequest, name: str) -> str:
    return request.POST.get(name, "")[: markdown.MAX_LENGTH]


@login_required
@require_POST
def preview(request: PersonalRequest) -> HttpResponse:
    """Render Markdown as it would be shown."""
    html = markdown.render(_text(request, "text"))
    return render(request, "cases/_preview.html", {"html": mark_safe(html)})  # noqa: S308 - sanitised by render


@login_required
@require_POST
def subject_check(request: PersonalRequest) -> HttpResponse:
    """Answer with what to include when the subject means Production Down, or with a hint at the phrase."""
    return render(
        request, "cases/_subject_hints.html", _hints(_text(request, "subject"), _text(request, "description"))
    )


@login_required
@never_cache
@require_safe
def filed(request: PersonalRequest, pk: int) -> HttpResponse:
    """Confirm a filed case: its number, what happens next and how soon."""
    case = get_object_or_404(
        Case.objects.visible_to(request.user).select_related("account__plan", "account__csm", "contact__user"), pk=pk
    )
    context = {
        "case": case,
        "is_pending": case.verification == Verification.PENDING,
        "first_response": promises.first_response_in_words(case.account.plan, case.severity),
        "is_contact": any(contact.account_id == case.account_id for contact in request.user.active_contacts),
    }
    return render(request, "cases/filed.html", context)
