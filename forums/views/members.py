"""A person's public page: their name, what they are known for, what they wrote. Never their e-mail."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.models.user import HANDLE_MAX_LENGTH
from accounts.querysets import Someone
from forums import policies
from forums.http import moved_for_good, public_page
from forums.models import Member, Post, Topic
from forums.page_head import PageHead, is_first_view
from forums.post_rows import post_rows
from forums.querysets import PostQuerySet
from forums.rendering import profile_url
from forums.rows import rows, with_tags
from lib import keyset

PAGE_SIZE = 20
ACCEPTED_COUNTED = 1_000  # above it nobody reads on; counting would cost more than it tells

TOPICS, ANSWERS, ACCEPTED = "topics", "answers", "accepted"
TABS = {TOPICS: _l("Topics"), ANSWERS: _l("Answers"), ACCEPTED: _l("Accepted answers")}


@public_page
@require_safe
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """Show a person to everybody; another spelling of the handle leads here."""
    person = _find(handle)
    if person.handle != handle:
        return moved_for_good(request, profile_url(person))
    show = request.GET.get("show", TOPICS)
    if show not in TABS:
        raise Http404
    member = Member.objects.filter(user=person).first() or Member(user=person)
    answers = _answers(request.user, person)
    head = PageHead(
        title=person.display_name,
        description=_("%(name)s in the community: topics, answers, reputation.") % {"name": person.display_name},
        path=profile_url(person),
        og_type="profile",
        is_indexed=is_first_view(request) and member.post_count > 0,
    )
    context = {
        "person": person,
        "member": member,
        "head": head,
        "trust": policies.trust(person).label,
        "accepted_count": _accepted(answers)[:ACCEPTED_COUNTED].count(),
        "may_moderate": bool(policies.moderate_any(request.user)),
        "is_self": request.user == person,
        "show": show,
        "tabs": [
            {"url": "?" if name == TOPICS else f"?show={name}", "label": label, "active": name == show}
            for name, label in TABS.items()
        ],
        **_contributions(request, person, show, answers),
    }
    return render(request, "forums/member.html", context)


def _find(handle: str) -> User:
    """Return the person of a handle in any capitals. Raises ``Http404`` for nobody, and for an erased person."""
    if len(handle) > HANDLE_MAX_LENGTH or "\x00" in handle:
        raise Http404
    found = User.objects.annotate(small=Lower("handle")).filter(small=handle.lower(), erased_at=None).first()
    if found is None:
        raise Http404
    return found


def _contributions(request: HttpRequest, person: User, show: str, answers: PostQuerySet) -> dict[str, Any]:
    if show == TOPICS:
        topics = Topic.objects.visible_to(request.user).listed().filter(author=person).for_list()
        page = keyset.paginate(
            topics.prefetch_related(None), order=("-bumped_at", "-id"), query=request.GET, size=PAGE_SIZE
        )
        return {"page": page, "rows": rows(request.user, with_tags(list(page.rows)))}
    posts = _accepted(answers) if show == ACCEPTED else answers
    posts = posts.select_related("topic__community", "topic__category").defer("search", "body_html")
    written = keyset.paginate(posts, order=("-id",), query=request.GET, size=PAGE_SIZE)
    return {"page": written, "posts": post_rows(written)}


def _answers(reader: Someone, person: User) -> PostQuerySet:
    return Post.objects.visible_to(reader).published().replies().filter(author=person)


def _accepted(answers: PostQuerySet) -> PostQuerySet:
    return answers.filter(topic__accepted_post=F("pk"))
