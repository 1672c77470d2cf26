"""Answering a case: a public reply, or an internal note."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import PersonalRequest
from cases import workflow
from cases.changes import CaseError
from cases.desk_forms import ComposerForm, sent_token
from cases.desk_views.access import at_desk
from cases.desk_views.cases import get_case, perform
from cases.models import Case, Comment
from files.staging import UploadRefused
from lib.body_limit import accepts_files


@accepts_files
@at_desk
@require_POST
def compose(request: PersonalRequest, pk: int) -> HttpResponse:
    """Write what the engineer wrote, once; a second submission of the same form leads to the first's comment."""
    case = get_case(request, pk)
    form = ComposerForm(request.POST, request.FILES, name="composer", owner=request.user)
    # Asked before the form is: the second time its files are attached already, and no longer staged.
    if _is_repeat(request, case, form):
        messages.info(request, _("This was sent already."))
        return HttpResponseRedirect(case.get_desk_url())

    def act(data: Mapping[str, Any]) -> None:
        try:
            workflow.reply(
                case_id=pk,
                actor=request.user,
                body=data["body"],
                uploads=[upload.token for upload in data["uploads"]],
                internal=form.is_internal,
                move_to=data["move_to"],
                version=data["version"],
                submission_token=data["submission_token"],
            )
        except UploadRefused as refusal:
            raise CaseError(refusal.reason) from refusal

    done = _("Your note is saved. Only the support team sees it.") if form.is_internal else _("Your reply is sent.")
    return perform(request, pk, form, act, done=done)


def _is_repeat(request: PersonalRequest, case: Case, form: ComposerForm) -> bool:
    token = sent_token(form)
    written = Comment.objects.filter(submission_token=token).first() if token else None
    if written is None:
        return False
    if written.case_id == case.pk and written.author_id == request.user.pk:
        return True
    form.renew_token()  # another form's token, come here by hand
    return False
