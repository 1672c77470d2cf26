"""Every mail as staff look at it before it is sent to anybody: from the kinds' samples, in any language and theme."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from lib.tokens import new_token
from notifications import kinds, ledger, mime, policies, rendering, samples
from notifications.kinds import Kind, Recipient, Sample
from notifications.ledger import To
from notifications.models import Delivery, Message
from notifications.rendering import Rendered

DIGEST = "notifications.digest"
OWN = "notifications.sample"
USUAL = "usual"
_THEMED = "@media (prefers-color-scheme: dark)"
_THEMES: Mapping[str, tuple[str, str]] = {"light": ("@media not all", "light"), "dark": ("@media all", "dark")}


@dataclass(frozen=True, slots=True)
class Preview:
    """One mail that can be looked at: a kind in one of its forms, or the digest."""

    kind: str
    code: str
    label: str | Promise

    @property
    def area(self) -> str:
        """Return whose mail it is, in words."""
        return str(apps.get_app_config(self.kind.partition(".")[0]).verbose_name)

    @property
    def form(self) -> str:
        """Return in which of its forms the mail is, where it has several."""
        return "" if self.code == USUAL else self.code.replace("-", " ").capitalize()

    def rendered(self, language: str) -> Rendered:
        """Return its words in ``language``."""
        with rendering.personal(None, language=language):
            return _digest() if self.kind == DIGEST else _worded(*_sample(self.kind, self.code))

    def headers(self, rendered: Rendered) -> list[tuple[str, str]]:
        """Return the headers that it would be sent with, besides date and Message-ID."""
        delivery = Delivery(
            message=Message(kind=self.kind), user=samples.customer(), address=samples.customer().email, mail_id="sample"
        )
        own = {name: value for name, value in mime.headers(delivery, rendered).items() if name != "Message-ID"}
        return [("From", settings.DEFAULT_FROM_EMAIL), ("Subject", rendered.subject), *own.items()]

    def size(self, rendered: Rendered) -> int:
        """Return how many bytes the mail has: Gmail cuts off what is beyond 102 KB."""
        delivery = Delivery(message=Message(kind=self.kind), address=samples.customer().email, mail_id="sample")
        return len(mime.build(delivery, rendered).message().as_bytes())


def listed() -> list[Preview]:
    """Return every mail, by kind."""
    return [*_of_kinds(), Preview(DIGEST, USUAL, _l("Several messages in one mail"))]


def find(kind: str, code: str) -> Preview | None:
    """Return one of them, or nothing."""
    return next((one for one in listed() if (one.kind, one.code) == (kind, code)), None)


def themed(html: str, theme: str) -> str:
    """Return a mail's HTML as it looks where a theme is set, ``light`` or ``dark``, whatever the browser's is."""
    if theme not in _THEMES:
        return html
    query, scheme = _THEMES[theme]
    return html.replace(_THEMED, query).replace("light dark", scheme)


def send(preview: Preview, *, to: User, language: str) -> None:
    """Mail a sample to the person who looks at it. Raises ``PermissionDenied`` for who may not see the ledger."""
    policies.see_ledger(to).require()
    ledger.post(
        kind=OWN,
        event=f"mail-sample:{to.pk}:{new_token()}",
        recipients=[To(user=to)],
        context={"kind": preview.kind, "code": preview.code, "language": language},
    )


def _of_kinds() -> Iterator[Preview]:
    for kind in kinds.registered():
        if kind.name != OWN:
            for sample in kind.samples:
                yield Preview(kind.name, sample.code, kind.label)


def _sample(name: str, code: str) -> tuple[Kind, Sample]:
    kind = kinds.get(name)
    return kind, next(sample for sample in kind.samples if sample.code == code)


def context_of(kind: Kind, sample: Sample) -> dict[str, Any]:
    """Return the whole context of a sample's templates, as ``rendering.presented`` has it for a delivery."""
    reader = Recipient(user=None, address="", reference="sample")
    choose = f"{settings.PORTAL_URL}/account/notifications/"
    manage = kind.manage_url(reader, {}) if kind.manage_url else choose if sample.has_account else ""
    unsubscribe = kind.unsubscribe_url(reader, {}) if kind.unsubscribe_url else choose if kind.category else ""
    return {
        **rendering.site(),
        "unsubscribe_url": unsubscribe,
        "preferences_url": manage,
        **sample.context(),
    }


def _worded(kind: Kind, sample: Sample) -> Rendered:
    return rendering.worded(kind, context_of(kind, sample))


def _digest() -> Rendered:
    found = (_worded(kind, kind.samples[0]) for kind in kinds.registered() if kind.category and kind.samples)
    return rendering.digest([words for words in found if words.quote["author"]])


# --- The kind that a sample is mailed as ------------------------------------------------------------------------


def _may_receive(recipient: Recipient, context: Mapping[str, Any]) -> bool:
    known = find(context["kind"], context["code"]) is not None
    return known and recipient.user is not None and bool(policies.see_ledger(recipient.user))


def _present(_recipient: Recipient, context: Mapping[str, Any]) -> dict[str, Any]:
    preview = find(context["kind"], context["code"])
    if preview is None:
        raise LookupError(f"There is no mail {context['kind']} in the form {context['code']}.")
    return _as_it_is(preview.rendered(context["language"]))


def _as_it_is(words: Rendered) -> dict[str, Any]:
    return {"subject": words.subject, "text": words.text, "html": words.html}


def _own_sample() -> dict[str, Any]:
    return _as_it_is(_worded(*_sample("accounts.welcome", "usual")))


KIND = Kind(
    name=OWN,
    label=_l("Sample of a mail"),
    may_receive=_may_receive,
    present=_present,
    samples=(Sample(_own_sample),),
)
