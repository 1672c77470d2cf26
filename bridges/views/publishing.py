"""Publishing a solved case as a question."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from bridges import policies, publishing, scrubbing
from bridges.forms import PublishForm
from bridges.models import CasePublication
from cases.desk_views.access import at_desk
from cases.desk_views.cases import get_case
from cases.models import Case
from forums import policies as forum_policies
from forums.constants import TopicKind
from forums.errors import ForumError
from forums.models import Category, Community
from lib.scrub import Finding


@at_desk
@require_http_methods(["GET", "POST"])
def publish(request: PersonalRequest, pk: int) -> HttpResponse:
    """Show what may be public of a case beside what was taken out of it, and publish it once somebody has read it."""
    case = get_case(request, pk)
    before = CasePublication.objects.filter(case=case).select_related("published_by").first()
    if before is not None:
        return _published_before(request, case, before)
    policies.publish(request.user, case).require()
    answers = scrubbing.ALL if request.GET.get("answers") == scrubbing.ALL else scrubbing.LAST
    proposal = scrubbing.propose(case, answers=answers)
    shelves = _shelves(request)
    if request.method != "POST":
        initial = {"title": proposal.title, "question": proposal.question, "answer": proposal.answer}
        form = PublishForm(initial=initial, shelves=shelves)
        return _render(request, case, form, proposal.found, answers)
    form = PublishForm(request.POST, shelves=shelves)
    left: Sequence[Finding] = scrubbing.look_again(case, form.public_texts()) if form.is_valid() else ()
    if form.is_valid() and (not left or form.cleaned_data["keep"] == scrubbing.fingerprint(left)):
        publication = _publish(request, case, form)
        if publication is not None:
            if publication.published_by_id != request.user.pk:
                return _published_before(request, case, publication)
            messages.success(request, _("%(number)s is published.") % {"number": case.number})
            return HttpResponseRedirect(publication.topic.get_absolute_url())
    return _render(request, case, form, proposal.found, answers, left=left)


def _publish(request: PersonalRequest, case: Case, form: PublishForm) -> CasePublication | None:
    given = form.cleaned_data
    text = publishing.PublicText(**{name: given[name] for name in ("title", "question", "answer", "tags")})
    try:
        return publishing.publish(case_id=case.pk, actor=request.user, category=form.shelf, text=text)
    except ForumError as refusal:
        form.add_error(None, str(refusal))
    return None


def _published_before(request: PersonalRequest, case: Case, publication: CasePublication) -> HttpResponse:
    messages.info(
        request,
        _("%(name)s has published this case already.") % {"name": publication.published_by}
        if publication.published_by_id != request.user.pk
        else _("You have published this case already."),
    )
    return HttpResponseRedirect(case.get_desk_url())


def _shelves(request: PersonalRequest) -> list[Category]:
    """Return where this engineer may put a question."""
    communities = {
        community.pk: community
        for community in Community.objects.visible_to(request.user)
        if forum_policies.ask(request.user, community)
        and forum_policies.start_kind(request.user, community, TopicKind.QUESTION)
    }
    shelves = Category.objects.filter(community__in=communities).order_by("community__position", "position", "id")
    for shelf in (found := list(shelves)):
        shelf.community = communities[shelf.community_id]
    return [shelf for shelf in found if forum_policies.start_in(request.user, shelf)]


def _render(
    request: PersonalRequest,
    case: Case,
    form: PublishForm,
    found: Sequence[Finding],
    answers: str,
    *,
    left: Sequence[Finding] = (),
) -> HttpResponse:
    context: dict[str, Any] = {
        "case": case,
        "form": form,
        "counts": scrubbing.counts(found),
        "replacements": scrubbing.replacements(found),
        "left": scrubbing.replacements(left),
        "left_fingerprint": scrubbing.fingerprint(left) if left else "",
        "answers": answers,
        "answer_choices": [(scrubbing.LAST, _("The last answer")), (scrubbing.ALL, _("Every answer of the team"))],
    }
    return render(request, "bridges/publish.html", context, status=422 if form.is_bound else 200)
