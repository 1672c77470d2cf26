"""The ledger, written as apps write it, and toy kinds whose templates stand here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import factory
from django.template import engines
from factory.django import DjangoModelFactory

from notifications import kinds, ledger
from notifications.identifiers import new_mail_id
from notifications.kinds import Kind
from notifications.models import Channel, Delivery, Message
from tests.factories.accounts import UserFactory

TOY_TEMPLATES = {
    ".subject.txt": "News of {{ thing }}",
    ".txt": "Hello {{ recipient.display_name }},\n\n{{ thing }} & more.\n\n\n\n{{ unsubscribe_url }}\n",
    ".html": "<p>{{ thing }}</p>",
}


@contextmanager
def registered(*new: Kind) -> Iterator[None]:
    """Have kinds for a while."""
    before = dict(kinds._kinds)
    kinds.register(*new)
    try:
        yield
    finally:
        kinds._kinds.clear()
        kinds._kinds.update(before)


@contextmanager
def templates(found: Mapping[str, str]) -> Iterator[None]:
    """Have templates for a while, as if they were files: ``{"emails/toy/news.txt": "…"}``."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    from django.template.loaders.locmem import Loader

    loader = Loader(engine, dict(found))
    loaders = engine.template_loaders
    engine.__dict__["template_loaders"] = [loader, *loaders]
    try:
        yield
    finally:
        engine.__dict__["template_loaders"] = loaders


def toy(name: str = "toy.news", **options: Any) -> Kind:
    """Return a kind whose mail tells of ``thing``."""
    return Kind(name=name, label="News", **options)


def toy_templates(name: str = "toy.news") -> dict[str, str]:
    """Return the templates of a toy kind."""
    return {f"emails/{name.replace('.', '/')}{ending}": text for ending, text in TOY_TEMPLATES.items()}


class MessageFactory(DjangoModelFactory[Message]):
    class Meta:
        model = Message

    kind = "toy.news"
    event = factory.Sequence(lambda n: f"toy:{n}")
    context = factory.LazyFunction(lambda: {"thing": "the release"})


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    message = factory.SubFactory(MessageFactory)
    channel = Channel.MAIL
    user = factory.SubFactory(UserFactory)
    address = factory.LazyAttribute(lambda delivery: delivery.user.email if delivery.user else "bare@people.example")
    dedupe_key = factory.LazyAttribute(
        lambda delivery: ledger.dedupe_key(delivery.message.event, delivery.address, delivery.channel)
    )
    mail_id = factory.LazyAttribute(lambda delivery: new_mail_id(delivery.channel))
