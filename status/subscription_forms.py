"""The shape of a sign-up, and of a subscriber's wishes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _l

from lib import zones
from lib.outbound import URL_MAX_LENGTH
from status.constants import Delivery, Way
from status.models import Component, ComponentGroup, Region, Subscriber
from status.subscribing import SignUp, Wishes

if TYPE_CHECKING:
    ComponentsField = forms.ModelMultipleChoiceField[Component]
    RegionsField = forms.ModelMultipleChoiceField[Region]
else:
    ComponentsField = RegionsField = forms.ModelMultipleChoiceField

EVERYTHING, CHOSEN = "everything", "chosen"


class WishesForm(forms.Form):
    """Which news, of what, how soon."""

    # Radios and boxes are drawn by the template, with ids of their own.
    anchors: ClassVar = {
        "scope": f"scope-{EVERYTHING}",
        "components": f"scope-{EVERYTHING}",
        "regions": f"scope-{EVERYTHING}",
        "delivery": f"delivery-{Delivery.AT_ONCE}",
    }

    incidents = forms.BooleanField(
        label=_l("Incidents"), required=False, help_text=_l("Something is wrong: each update until it is resolved.")
    )
    maintenance = forms.BooleanField(
        label=_l("Maintenance"), required=False, help_text=_l("Planned, moved, about to begin, begun, done.")
    )
    component_changes = forms.BooleanField(
        label=_l("Any change of a component"),
        required=False,
        help_text=_l("Whenever a status changes, also without an incident."),
    )
    scope = forms.ChoiceField(
        label=_l("Of what"),
        choices=[(EVERYTHING, _l("Everything")), (CHOSEN, _l("Only what I choose"))],
        required=False,
    )
    components = ComponentsField(
        label=_l("Components"), queryset=Component.objects.present(), required=False, to_field_name="public_id"
    )
    regions = RegionsField(label=_l("Regions"), queryset=Region.objects.all(), required=False, to_field_name="slug")
    delivery = forms.ChoiceField(label=_l("When"), choices=Delivery.choices, required=False)
    language = forms.ChoiceField(label=_l("Language"), choices=[], required=False)
    time_zone = forms.CharField(label=_l("Time zone"), max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = list(Component.objects.present().in_order().select_related("group", "region"))
        self.offered_regions = list(Region.objects.all())
        language = self.fields["language"]
        if isinstance(language, forms.ChoiceField):
            language.choices = list(settings.LANGUAGES)

    @property
    def groups(self) -> Sequence[tuple[ComponentGroup | None, Sequence[Component]]]:
        """Return the components to choose from, by group, as the page orders them."""
        found: dict[int | None, tuple[ComponentGroup | None, list[Component]]] = {}
        for component in self.offered:
            found.setdefault(component.group_id, (component.group, []))[1].append(component)
        return list(found.values())

    @property
    def kind_fields(self) -> Sequence[forms.BoundField]:
        """Return the kinds of news, a box each."""
        return [self[name] for name in ("incidents", "maintenance", "component_changes")]

    @property
    def chosen(self) -> set[str]:
        """Return what is ticked: ids of components and codes of regions."""
        return {str(name) for field in ("components", "regions") for name in self[field].value() or ()}

    def clean_time_zone(self) -> str:
        """Return a zone that exists: what a browser calls its zone may be none of ours."""
        name: str = self.cleaned_data["time_zone"]
        return name if zones.find(name) else ""

    def clean(self) -> dict[str, Any]:
        """Ask for a kind, and for something that it may be about."""
        data = super().clean() or self.cleaned_data
        if not any(data.get(kind) for kind in ("incidents", "maintenance", "component_changes")):
            self.add_error("incidents", _l("Choose at least one kind of news."))
        is_empty = not data.get("components") and not data.get("regions")
        if data.get("scope") == CHOSEN and is_empty and not {"components", "regions"} & set(self.errors):
            self.add_error("scope", _l("Choose at least one component or region, or everything."))
        return data

    @property
    def wishes(self) -> Wishes:
        """Return what was asked for; the form is valid."""
        data = self.cleaned_data
        is_chosen = data["scope"] == CHOSEN
        return Wishes(
            incidents=data["incidents"],
            maintenance=data["maintenance"],
            component_changes=data["component_changes"],
            components=list(data["components"]) if is_chosen else (),
            regions=list(data["regions"]) if is_chosen else (),
            delivery=data["delivery"] or Delivery.AT_ONCE,
        )


class MailForm(WishesForm):
    """A sign-up by mail."""

    way = Way.MAIL
    email = forms.EmailField(
        label=_l("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def sign_up(self, *, client: str) -> SignUp:
        """Return the sign-up; the form is valid."""
        data = self.cleaned_data
        return SignUp(
            way=self.way,
            address=data["email"],
            wishes=self.wishes,
            language=data["language"],
            time_zone=data["time_zone"],
            client=client,
        )


class WebhookForm(WishesForm):
    """A sign-up of an endpoint."""

    way = Way.WEBHOOK
    endpoint = forms.CharField(
        label=_l("Address of the endpoint"),
        max_length=URL_MAX_LENGTH,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_l("Your email"),
        max_length=254,
        help_text=_l("Confirms the endpoint, and hears when it no longer answers."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def sign_up(self, *, client: str) -> SignUp:
        """Return the sign-up; the form is valid."""
        data = self.cleaned_data
        return SignUp(
            way=self.way,
            address=data["endpoint"],
            owner_email=data["email"],
            wishes=self.wishes,
            language=data["language"],
            time_zone=data["time_zone"],
            client=client,
        )


class ChatForm(WebhookForm):
    """A sign-up of a chat room's incoming webhook."""

    way = Way.CHAT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].label = _l("Address of the incoming webhook")


SignUpForm = MailForm | WebhookForm
FORMS: dict[str, type[MailForm] | type[WebhookForm]] = {
    Way.MAIL: MailForm,
    Way.WEBHOOK: WebhookForm,
    Way.CHAT: ChatForm,
}


def initial_wishes(*, language: str, email: str = "", time_zone: str = "") -> dict[str, Any]:
    """Return what a new form holds: everything, at once."""
    return {
        "incidents": True,
        "maintenance": True,
        "scope": EVERYTHING,
        "delivery": Delivery.AT_ONCE.value,
        "language": language,
        "time_zone": time_zone,
        "email": email,
    }


def wishes_of(subscriber: Subscriber) -> dict[str, Any]:
    """Return what a form holds for somebody who is subscribed."""
    return {
        "incidents": subscriber.wants_incidents,
        "maintenance": subscriber.wants_maintenance,
        "component_changes": subscriber.wants_components,
        "scope": EVERYTHING if subscriber.wants_everything else CHOSEN,
        "components": [component.public_id for component in subscriber.components.all()],
        "regions": [region.slug for region in subscriber.regions.all()],
        "delivery": subscriber.delivery,
        "language": subscriber.language or settings.LANGUAGE_CODE,
        "time_zone": subscriber.time_zone,
    }
