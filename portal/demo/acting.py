"""Playing the conversations through the acts that people use, each at its own time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Contact, Product, User
from cases import desk, oncall, verification, workflow
from cases.constants import Environment, Origin, Priority, Severity, Status
from cases.models import Alert, Case
from files import staging
from portal.demo import attachments, clock, post_office
from portal.demo.script import Line, Story


class Performance:
    """One conversation on its way: knows its case, which a late reply replaces by a follow-up."""

    def __init__(self, story: Story, people: Mapping[str, User]) -> None:
        self.story = story
        self.people = people
        self.case_id = 0

    def open(self) -> None:
        """File the case."""
        story = self.story
        user = self.people[story.by]
        contact = Contact.objects.current().get(user=user)
        origin = Origin(story.origin)
        new = workflow.NewCase(
            product=Product.objects.get(code=story.product),
            subject=story.subject,
            description=story.description,
            severity=Severity(story.severity),
            environment=Environment(story.environment),
            endpoints=story.endpoints.strip(),
            contact_phone=story.phone,
        )
        case = workflow.open_case(
            contact=contact, actor=user, new=new, origin=origin, uploads=_staged(user, story.files)
        )
        self.case_id = case.pk

    def play(self, line: Line) -> None:
        """Do one line."""
        if line.who == "clock":
            _CLOCK[line.act](self.case_id)
            return
        actor = self.people[line.who]
        if line.act in _WORDS:
            self.case_id = _WORDS[line.act](self.case_id, actor, line)
        else:
            other = self.people.get(line.argument)
            _DEEDS[line.act](self.case_id, actor, line, other)


def perform(stories: Sequence[Story], people: Mapping[str, User]) -> None:
    """Play every conversation, all of them interleaved as they happened, so that ids rise with time."""
    now = timezone.now()
    # One fresh object for each person: it remembers roles and memberships, which no conversation changes.
    people = {key: User.objects.get(pk=person.pk) for key, person in people.items()}
    known = {person.pk: person for person in people.values()}
    acts: list[tuple[datetime, int, Callable[[], None]]] = []
    for story in stories:
        performance = Performance(story, people)
        opened, *moments = story.moments(now)
        acts.append((opened, len(acts), performance.open))
        for line, moment in zip(story.lines, moments, strict=True):
            acts.append((moment, len(acts), _Play(performance, line)))
    for moment, _number, act in sorted(acts, key=lambda entry: entry[:2]):
        with clock.at(moment):
            act()
            post_office.send_all(known)


class _Play:
    def __init__(self, performance: Performance, line: Line) -> None:
        self.performance = performance
        self.line = line

    def __call__(self) -> None:
        try:
            self.performance.play(self.line)
        except Exception as error:
            error.add_note(f"in “{self.performance.story.subject}”: {self.line}")
            raise


def _staged(owner: User, names: Sequence[str]) -> list[str]:
    return [
        staging.stage(owner=owner, file=ContentFile(attachments.content(name), name=name), name=name).token
        for name in names
    ]


def _reply(case_id: int, actor: User, line: Line) -> int:
    answer = workflow.reply(
        case_id=case_id,
        actor=actor,
        body=line.text,
        uploads=_staged(actor, line.files),
        move_to=Status(line.argument) if line.argument else None,
    )
    return answer.case.pk


def _note(case_id: int, actor: User, line: Line) -> int:
    uploads = _staged(actor, line.files)
    return workflow.reply(case_id=case_id, actor=actor, body=line.text, uploads=uploads, internal=True).case.pk


def _edit_subject(case_id: int, actor: User, line: Line, _other: User | None) -> None:
    case = Case.objects.get(pk=case_id)
    desk.edit(
        case_id=case_id,
        actor=actor,
        subject=line.text,
        description=case.description,
        product=case.product,
        environment=Environment(case.environment),
        endpoints=case.endpoints,
    )


def _acknowledge(case_id: int, actor: User, _line: Line, _other: User | None) -> None:
    oncall.acknowledge(token=Alert.objects.unacknowledged().get(case=case_id).token, actor=actor)


def _follow(case_id: int, actor: User, _line: Line, other: User | None) -> None:
    workflow.follow(case_id=case_id, actor=actor, user=other or actor)


def _alert(case_id: int) -> None:
    oncall.advance(alert_id=Alert.objects.unacknowledged().get(case=case_id).pk)


_WORDS: Mapping[str, Callable[[int, User, Line], int]] = {"replies": _reply, "notes": _note}
_DEEDS: Mapping[str, Callable[[int, User, Line, User | None], object]] = {
    "takes": lambda case, actor, _line, _other: desk.take(case_id=case, actor=actor),
    "assigns": lambda case, actor, _line, other: desk.assign(case_id=case, owner=other, actor=actor),
    "moves": lambda case, actor, line, _other: workflow.change_status(
        case_id=case, to=Status(line.argument), actor=actor
    ),
    "priority": lambda case, actor, line, _other: desk.set_priority(
        case_id=case, priority=Priority(line.argument), reason=line.text, actor=actor
    ),
    "severity": lambda case, actor, line, _other: desk.set_severity(
        case_id=case, severity=Severity(line.argument), reason=line.text, actor=actor
    ),
    "escalates": lambda case, actor, _line, _other: desk.set_escalated(case_id=case, escalated=True, actor=actor),
    "calms": lambda case, actor, _line, _other: desk.set_escalated(case_id=case, escalated=False, actor=actor),
    "retitles": _edit_subject,
    "follows": _follow,
    "adds": _follow,
    "confirms": lambda case, actor, _line, _other: verification.confirm(case_id=case, actor=actor),
    "refuses": lambda case, actor, _line, _other: verification.refuse(case_id=case, actor=actor),
    "acknowledges": _acknowledge,
}
_CLOCK: Mapping[str, Callable[[int], object]] = {
    "alerts": _alert,
    "closes": lambda case: workflow.close_solved(case_id=case),
}
