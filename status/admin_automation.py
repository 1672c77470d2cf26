"""Screens of what acts by itself: which alerts mean what, which probes ask what, and what came in."""

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.admin.base import BoundedPaginator, QuietAdmin, ReadOnlyAdmin
from lib import label_matchers, probing
from status import policies
from status.constants import INCIDENT_IMPACTS, ComponentStatus
from status.models import AlertRule, Component, Probe, ReceivedAlert

if TYPE_CHECKING:
    # Generic for type checkers only.
    RuleModelForm = forms.ModelForm[AlertRule]
    ProbeModelForm = forms.ModelForm[Probe]
else:
    RuleModelForm = ProbeModelForm = forms.ModelForm

_IMPACTS = [("", _l("What the status stands for")), *[(impact.value, impact.label) for impact in INCIDENT_IMPACTS]]
_FAILING = (ComponentStatus.DEGRADED, ComponentStatus.PARTIAL, ComponentStatus.MAJOR)
_STATUSES = [(status.value, status.label) for status in _FAILING]
_MATCHER_SENTENCES = {
    "form": _l('Line %(line)d is no matcher. Write label="value", with =, !=, =~ or !~.'),
    "pattern": _l(
        "Line %(line)d has a pattern that could take long. Leave out repeated groups, counted repeats and looking"
        " around, and use * and + three times at most."
    ),
    "length": _l("Line %(line)d is too long."),
    "lines": _l("Line %(line)d is one too many."),
}
_TARGET_SENTENCES = {
    "url": _l("This is not an address, such as https://api.example.com/health."),
    "scheme": _l("An address begins with http:// or https://."),
    "credentials": _l("Leave name and password out of the address."),
    "tcp": _l("Write host:port, such as db.example.com:5432."),
}


def _offer(form: Any, components: str) -> None:
    """Offer what an operator could choose by hand as well; a form to look at has no fields."""
    if "status" not in form.fields:
        return
    form.fields["status"].choices = _STATUSES
    form.fields["impact"].choices = _IMPACTS
    form.fields[components].queryset = Component.objects.present().in_order()


class AlertRuleForm(RuleModelForm):
    """One rule."""

    class Meta:
        model = AlertRule
        fields = (
            "name", "position", "is_active", "matchers", "components",
            "status", "impact", "title", "body", "opening", "resolves",
        )  # fmt: skip
        widgets = {"components": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "components")

    def clean_matchers(self) -> str:
        """Refuse what cannot be read, or could take long."""
        text: str = self.cleaned_data["matchers"]
        try:
            matchers = label_matchers.parse(text)
        except label_matchers.BadMatcher as error:
            raise ValidationError(str(_MATCHER_SENTENCES[error.code]) % {"line": error.line}) from error
        if not matchers:
            raise ValidationError(_("Without a matcher the rule would fit every alert."))
        return text


class ProbeForm(ProbeModelForm):
    """One probe."""

    expected_statuses = SimpleArrayField(
        forms.IntegerField(min_value=100, max_value=599),
        label=_l("Good HTTP statuses"),
        required=False,
        max_length=20,
        help_text=_l("Such as 200, 401. Empty: any 2xx."),
        error_messages={"item_invalid": _l("Item %(nth)s is no HTTP status.")},
    )

    class Meta:
        model = Probe
        fields = (
            "component", "is_active", "way", "target", "interval", "timeout", "expected_statuses", "follows_redirects",
            "failure_threshold", "recovery_threshold", "opening", "status", "impact", "title", "body",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "component")

    def clean(self) -> dict[str, Any]:
        """Refuse a target that could never be asked, and a time-out longer than the interval."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        target, way = data.get("target"), data.get("way")
        if target and way:
            try:
                host = probing.parse_tcp(target)[0] if way == Probe.Way.TCP else probing.parse_url(target).hostname
            except probing.BadTarget as error:
                self.add_error("target", str(_TARGET_SENTENCES[str(error)]))
            else:
                if _is_metadata(host or ""):
                    self.add_error("target", _("This address hands out a machine's credentials, and is not probed."))
        if data.get("interval") and data.get("timeout") and data["timeout"] >= data["interval"]:
            self.add_error("timeout", _("The time-out must be shorter than the interval."))
        return data


def _is_metadata(host: str) -> bool:
    """Say so of an address; a name is asked for its addresses each time that it is probed."""
    try:
        return probing.is_metadata(host)
    except ValueError:
        return False


@admin.register(AlertRule)
class AlertRuleAdmin(QuietAdmin):
    """Which alerts mean what, in the order in which they are asked. For status operators."""

    form = AlertRuleForm
    list_display = ("position", "name", "matchers", "status", "opening", "resolves", "is_active")
    list_display_links = ("name",)
    ordering = ("position", "id")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Status operators and administrators."""
        return bool(policies.manage_alert_rules(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators."""
        return bool(policies.manage_alert_rules(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Status operators and administrators."""
        return bool(policies.manage_alert_rules(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators."""
        return bool(policies.manage_alert_rules(request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators: a rule holds no history."""
        return bool(policies.manage_alert_rules(request.user))


@admin.register(Probe)
class ProbeAdmin(QuietAdmin):
    """What the portal asks by itself. Administrators set probes up; operators see what they found."""

    form = ProbeForm
    list_display = (
        "component", "target", "state", "changed_at", "reason", "milliseconds", "checked_at", "opening", "is_active",
    )  # fmt: skip
    list_display_links = ("component", "target")
    list_filter = ("state", "is_active", "opening")
    list_select_related = ("component",)
    search_fields = ("target", "component__name")
    readonly_fields = (
        "state", "changed_at", "failures", "successes", "checked_at", "reason",
        "http_status", "milliseconds", "next_at",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("component", "is_active", "way", "target", "expected_statuses", "follows_redirects")}),
        (_l("How often"), {"fields": ("interval", "timeout", "failure_threshold", "recovery_threshold")}),
        (_l("When it fails"), {"fields": ("opening", "status", "impact", "title", "body")}),
        (_l("What was found"), {"fields": readonly_fields}),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return bool(policies.manage_probes(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Administrators."""
        return bool(policies.manage_probes(request.user))

    def save_model(self, request: HttpRequest, obj: Probe, form: ProbeForm, change: bool) -> None:  # noqa: FBT001, ARG002 - Django's hook
        """Save what was edited, and nothing that a worker finds meanwhile. The next turn is now."""
        if not change:
            obj.save()
        elif form.changed_data:
            # Who is asking just now asks what was: that result counts no more.
            obj.claim, obj.next_at = "", timezone.now()
            obj.save(update_fields=[*form.changed_data, "claim", "next_at"])


@admin.register(ReceivedAlert)
class ReceivedAlertAdmin(ReadOnlyAdmin):
    """What Alertmanager has posted, and what became of it; alerts without a rule show which labels to write one for."""

    list_display = ("received_at", "status", "outcome", "alert_count", "group_key", "incident")
    list_filter = ("outcome", "status")
    list_select_related = ("incident",)
    search_fields = ("group_key",)
    paginator = BoundedPaginator
    sortable_by = ()
    fields = (
        "received_at", "status", "outcome", "note", "alert_count", "group_key",
        "without_rule", "incident_name", "token_name",
    )  # fmt: skip
    readonly_fields = fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    @admin.display(description=_l("alerts without a rule"))
    def without_rule(self, row: ReceivedAlert) -> str:
        """Return their labels, a line each, as matchers are written."""
        return "\n".join(
            ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(labels.items()))
            for labels in row.ignored
        )

    @admin.display(description=_l("incident"))
    def incident_name(self, row: ReceivedAlert) -> str:
        """Return its title."""
        return str(row.incident or "")

    @admin.display(description=_l("token"))
    def token_name(self, row: ReceivedAlert) -> str:
        """Return the token, without the link to a page that operators may not open."""
        return str(row.token or "")
