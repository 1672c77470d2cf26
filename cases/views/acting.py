"""What the customer's side does to a case: reply, move, edit, verify, follow."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonalRequest
from accounts.models import User
from cases import changes, desk, policies, production_down, verification, workflow
from cases.constants import Environment, Status
from cases.forms import EditCaseForm, FollowerForm, ReplyForm, StatusForm, VerificationForm
from cases.models import Case, Comment
from cases.views.reading import colleagues, render_case, visible_case
from files.staging import UploadRefused
from lib import undoing
from lib.body_limit import accepts_files
from lib.forms import put

View = Callable[..., HttpResponse]


def act_of_case(view: View) -> View:
    """A POST on a case by somebody signed in; a case that is gone for them while they act is 404."""

    @login_required
    @never_cache
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(cast("PersonalRequest", request), pk)
        except Case.DoesNotExist as error:
            raise Http404 from error

    return guarded


@accepts_files
@act_of_case
def reply(request: PersonalRequest, pk: int) -> HttpResponse:
    """Answer the case. After it has been closed for long the answer becomes a case of its own."""
    case = visible_case(request.user, pk)
    policies.act_on(request.user, case).require()
    if again := _sent_before(request, case):
        return again
    form = ReplyForm(request.POST, request.FILES, owner=request.user)
    if not form.is_valid():
        return _sent_before(request, case) or render_case(request, case, reply_form=form, status=422)
    given = form.cleaned_data
    try:
        done = workflow.reply(
            case_id=pk,
            actor=request.user,
            body=given["body"],
            uploads=[upload.token for upload in given["uploads"]],
            submission_token=given["submission_token"],
        )
    except UploadRefused as refusal:
        form.add_error("uploads", refusal.reason)
    except IntegrityError:
        form.add_error(None, _("This reply was sent before. Reload the page to see it."))
    else:
        return _after_reply(request, case, done)
    return _sent_before(request, case) or render_case(request, case, reply_form=form, status=422)


def _after_reply(request: HttpRequest, case: Case, done: workflow.Reply) -> HttpResponse:
    if done.case.pk != case.pk:
        return redirect("cases:filed", pk=done.case.pk)
    messages.success(request, _("Your reply is sent."))
    anchor = f"#comment-{done.comment.pk}" if done.comment else ""
    return HttpResponseRedirect(done.case.get_absolute_url() + anchor)


def _sent_before(request: PersonalRequest, case: Case) -> HttpResponse | None:
    """Lead a second submission of one form to what the first one made."""
    try:
        token = UUID(request.POST.get("submission_token", ""))
    except ValueError:
        return None
    comment = Comment.objects.filter(submission_token=token, case=case, author=request.user).first()
    if comment is not None:
        return HttpResponseRedirect(f"{case.get_absolute_url()}#comment-{comment.pk}")
    follow_up = Case.objects.visible_to(request.user).filter(submission_token=token, follow_up_of=case).first()
    return redirect("cases:filed", pk=follow_up.pk) if follow_up else None


@act_of_case
def move(request: PersonalRequest, pk: int) -> HttpResponse:
    """Mark the case as solved, close or reopen it."""
    case = visible_case(request.user, pk)
    form = StatusForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("This is no status that a case can have."))
    to: Status = form.cleaned_data["to"]
    try:
        workflow.change_status(case_id=pk, to=to, actor=request.user, version=form.cleaned_data["version"])
    except changes.StaleCaseError as stale:
        messages.warning(request, str(stale))
    else:
        messages.success(request, _("The case is now: %(status)s.") % {"status": to.label})
    return redirect(case.get_absolute_url())


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonalRequest, pk: int) -> HttpResponse:
    """Correct what the case says; what a colleague changed meanwhile is shown and not overwritten."""
    case = visible_case(request.user, pk)
    policies.edit(request.user, case).require()
    form = EditCaseForm(request.POST or None, case=case)
    if request.method != "POST" or not form.is_valid():
        return _render_edit(request, case, form, status=422 if request.method == "POST" else 200)
    given = form.cleaned_data
    try:
        desk.edit(
            case_id=pk,
            actor=request.user,
            subject=given["subject"],
            description=given["description"],
            product=given["product"],
            environment=Environment(given["environment"]),
            endpoints=given["endpoints"],
            version=given["version"],
        )
    except changes.StaleCaseError as stale:
        # Sending once more, having seen the other's words, is a decision and no accident.
        put(form, "version", str(stale.case.version))
        return _render_edit(request, stale.case, form, status=409, stale=stale)
    except Case.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("Your changes are saved."))
    return redirect(case.get_absolute_url())


def _render_edit(request: HttpRequest, case: Case, form: EditCaseForm, *, status: int, **extra: Any) -> HttpResponse:
    subject = str(form["subject"].value() or "")[:1000]
    context = {
        "case": case,
        "form": form,
        "is_production_down": production_down.matches(subject),
        "is_nearly_production_down": production_down.nearly_matches(subject),
        **extra,
    }
    return render(request, "cases/edit.html", context, status=status)


@act_of_case
def verify(request: PersonalRequest, pk: int) -> HttpResponse:
    """Confirm or refuse a case of a contact who is not authorized."""
    case = visible_case(request.user, pk)
    form = VerificationForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("Choose whether to confirm or to refuse the case."))
    try:
        if form.cleaned_data["decision"] == VerificationForm.CONFIRM:
            verification.confirm(case_id=pk, actor=request.user)
            messages.success(request, _("The case is verified. Thank you."))
        else:
            verification.refuse(case_id=pk, actor=request.user)
            messages.success(request, _("The case is refused and closed. Its contact is told by mail."))
    except changes.CaseError as error:
        messages.error(request, str(error))
    return redirect(case.get_absolute_url())


@act_of_case
def follow(request: PersonalRequest, pk: int) -> HttpResponse:
    """Add a colleague who may see the case, or oneself, to its followers."""
    case = visible_case(request.user, pk)
    policies.act_on(request.user, case).require()
    person = _chosen(request, colleagues(case))
    workflow.follow(case_id=pk, actor=request.user, user=person)
    messages.success(request, _("%(name)s is told of what happens here.") % {"name": person})
    return redirect(f"{case.get_absolute_url()}#followers")


@act_of_case
def unfollow(request: PersonalRequest, pk: int) -> HttpResponse:
    """Take somebody of the customer's side off the followers."""
    case = visible_case(request.user, pk)
    policies.act_on(request.user, case).require()
    person = _chosen(request, colleagues(case))
    workflow.unfollow(case_id=pk, actor=request.user, user=person)
    said = _("%(name)s no longer follows this case.") % {"name": person}
    undoing.offer(request, said, undo_url=f"{reverse('cases:follow', args=[pk])}?user={person.pk}")
    return redirect(reverse("cases:detail", args=[pk]) + "#followers")


def _chosen(request: HttpRequest, people: list[User]) -> User:
    # "Undo" says in its address who follows again.
    form = FollowerForm(request.POST if "user" in request.POST else request.GET, people=people)
    if not form.is_valid():
        raise BadRequest(_("Choose a colleague from the list."))
    return next(person for person in people if person.pk == form.cleaned_data["user"])
