"""Making a private case of a topic."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from accounts.models import Product
from bridges import making, policies, quoting
from bridges.errors import BridgeError
from bridges.forms import TopicCaseForm
from bridges.models import TopicCase
from cases.desk_views.access import at_desk
from cases.models import Case
from forums.models import Topic


@at_desk
@require_http_methods(["GET", "POST"])
def make_case(request: PersonalRequest, topic_id: int) -> HttpResponse:
    """File a case for a topic's author, under one of the accounts that they are a contact of."""
    topics = Topic.objects.visible_to(request.user).select_related("community", "author")
    topic = get_object_or_404(topics, pk=topic_id, merged_into=None)
    policies.make_case(request.user, topic).require()
    people = policies.memberships(topic.author)
    context = {"topic": topic, "people": people}
    if not people.direct:
        return render(request, "bridges/no_contact.html", context, status=200 if request.method == "GET" else 422)
    form = TopicCaseForm(request.POST or None, contacts=people.direct, initial=_initial(request, topic))
    if request.method == "POST" and form.is_valid():
        case = _make(request, topic, form)
        if case is not None:
            messages.success(request, _("%(number)s is filed.") % {"number": case.number})
            return HttpResponseRedirect(case.get_desk_url())
    made = [row.case for row in TopicCase.objects.of_topic(topic).select_related("case")]
    context |= {"form": form, "open_case": next((case for case in made if not case.is_closed), None)}
    return render(request, "bridges/make_case.html", context, status=422 if request.method == "POST" else 200)


def _make(request: PersonalRequest, topic: Topic, form: TopicCaseForm) -> Case | None:
    try:
        return making.make_case(
            topic_id=topic.pk,
            actor=request.user,
            contact=form.cleaned_data["filed_for"],
            new=form.new_case(),
            submission_token=form.cleaned_data["submission_token"],
        )
    except (BridgeError, PermissionDenied) as refusal:
        form.add_error(None, str(refusal))
    except IntegrityError:
        # Another case holds the form's token.
        form.add_error(None, _("This form was sent before. Reload the page to file another case."))
    return None


def _initial(request: PersonalRequest, topic: Topic) -> dict[str, object]:
    if request.method == "POST":
        return {}
    # The community of a product has that product's name for an address.
    product = Product.objects.offered().filter(code=topic.community.slug).first()
    return {
        "subject": quoting.subject(topic),
        "description": quoting.description(topic),
        "product": product.pk if product else None,
    }
