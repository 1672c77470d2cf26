"""A solved case as a public question with its answer, both by the engineer who publishes it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from bridges import policies
from bridges.models import CasePublication
from cases import changes as case_changes
from cases.constants import EventKind
from forums import posting, voting
from forums.constants import TopicKind
from forums.models import Category
from forums.posting import NewTopic


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicText:
    """What a person has read and found free of anything private."""

    title: str
    question: str
    answer: str
    tags: Collection[str] = ()


@transaction.atomic
def publish(*, case_id: int, actor: User, category: Category, text: PublicText) -> CasePublication:
    """Write the question, its answer, and accept it. A case has one publication: a second time gives the first again.

    The customer is told nothing, and nothing on the question leads to the case. Raises ``ForumError``,
    ``PermissionDenied``, ``Case.DoesNotExist``.
    """
    # Its lock makes two engineers at once one publication.
    case = case_changes.lock(case_id=case_id, user=actor)
    again = CasePublication.objects.filter(case=case).select_related("topic__community", "published_by").first()
    if again is not None:
        return again
    policies.publish(actor, case).require()
    topic = posting.ask(
        community=category.community,
        category=category,
        author=actor,
        new=NewTopic(title=text.title, body=text.question, kind=TopicKind.QUESTION, tags=text.tags),
    )
    answer = posting.reply(topic_id=topic.pk, author=actor, body=text.answer)
    voting.accept(post_id=answer.pk, actor=actor)
    publication = CasePublication.objects.create(case=case, topic=topic, published_by=actor)
    case_changes.record(case, EventKind.PUBLISHED, actor=actor, data={"topic": topic.pk}, internal=True)
    return publication
