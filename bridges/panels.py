"""What a topic's page shows of its case, and the desk's page of a case of its topics."""

from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from accounts.models import User
from accounts.querysets import Someone
from bridges import policies
from bridges.models import CasePublication, TopicCase
from cases import policies as cases_policies
from cases.hooks import CasePanel
from cases.models import Case
from forums.hooks import Panel
from forums.models import Topic


def topic_panel(user: Someone, topic: Topic) -> Panel | None:
    """Say that the support team has taken a topic up: its case is shown to who may see it, to nobody else.

    One query for who does not work the desk; two more where there is a case or somebody does.
    """
    made = TopicCase.objects.of_topic(topic)
    # Whoever works the desk is staff: of everybody else no permission is read.
    works_desk = isinstance(user, User) and user.is_staff and bool(cases_policies.work_desk(user))
    if not works_desk:
        if not made.exists():
            return None
        seen = made.visible_to(user).select_related("case") if user.is_authenticated else []
        cases = [(row.case.number, row.case.get_absolute_url()) for row in seen]
        return Panel("bridges/_topic_panel.html", {"is_taken_up": True, "cases": cases})
    rows = list(made.select_related("case"))
    context: dict[str, Any] = {
        "is_taken_up": bool(rows),
        "cases": [(row.case.number, row.case.get_desk_url()) for row in rows],
        "published_from": _published_from(topic),
        "make_url": "",
    }
    # A colleague's topic is nobody's trouble.
    may_make = policies.make_case(user, topic) and not topic.author.is_staff
    if may_make and all(row.case.is_closed for row in rows):
        context["make_url"] = reverse("bridges:make_case", args=[topic.pk])
    return Panel("bridges/_topic_panel.html", context) if any(context.values()) else None


def desk_panel(user: User, case: Case) -> CasePanel | None:
    """Show where a case came from, what was published of it, and the way to publish it.

    One query, and one more where there is a topic.
    """
    rows = list(_JOINS.filter(pk=case.pk))
    made_of = [row["made_of"] for row in rows if row["made_of"]]
    publication = next((row for row in rows if row["published_as"]), None)
    may_publish = publication is None and bool(policies.publish(user, case))
    if not made_of and publication is None and not may_publish:
        return None
    seen = _seen(user, {*made_of, *([publication["published_as"]] if publication else [])})
    context = {
        # None stands for a topic that this person may no longer see.
        "made_of": [seen.get(pk) for pk in made_of],
        "publication": publication,
        "published": seen.get(publication["published_as"]) if publication else None,
        "publish_url": reverse("bridges:publish", args=[case.pk]) if may_publish else "",
    }
    return CasePanel("bridges/_desk_panel.html", context)


# A case on the left, so that the page of one that has nothing to do with a topic costs a single query.
_JOINS = Case.objects.order_by("topic_cases__id").values(
    made_of=F("topic_cases__topic"),
    published_as=F("publication__topic"),
    published_at=F("publication__created_at"),
    published_by=Coalesce(
        NullIf("publication__published_by__display_name", Value("")), "publication__published_by__handle"
    ),
)


def _seen(user: User, topic_ids: set[int]) -> dict[int, Topic]:
    if not topic_ids:
        return {}
    topics = Topic.objects.visible_to(user).filter(pk__in=topic_ids).select_related("community")
    return {topic.pk: topic for topic in topics}


def _published_from(topic: Topic) -> tuple[str, str] | None:
    publication = CasePublication.objects.filter(topic=topic).select_related("case").first()
    return (publication.case.number, publication.case.get_desk_url()) if publication else None
