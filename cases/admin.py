"""Managers' screens: who is on call, what was alerted, and a read-only view of the cases."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.db.models import Max, Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.admin.base import BoundedPaginator, QuietAdmin, ReadOnlyAdmin
from accounts.models import User
from cases import oncall, policies, timeline
from cases.models import Alert, Case, OnCallStep
from cases.querysets import desk_workers
from lib import outbound, webhooks

if TYPE_CHECKING:
    # Generic for type checkers only.
    StepModelForm = forms.ModelForm[OnCallStep]
else:
    StepModelForm = forms.ModelForm


class OnCallStepForm(StepModelForm):
    """One step: a person who works the desk, an endpoint on the public internet, or both."""

    renew_secret = forms.BooleanField(
        label=_l("New webhook secret"),
        required=False,
        help_text=_l("Makes a new one and shows it once. Deliveries are signed with it from then on."),
    )

    webhook_url = forms.URLField(
        label=_l("Webhook"),
        required=False,
        max_length=outbound.URL_MAX_LENGTH,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
        help_text=_l("Begins with https:// and leads to the public internet. Each alert is posted there, signed."),
    )

    class Meta:
        model = OnCallStep
        fields = ("position", "user", "webhook_url", "minutes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = desk_workers()  # type: ignore[attr-defined]
        is_new: bool = self.instance._state.adding  # noqa: SLF001 - Django's API
        if is_new:
            last = OnCallStep.objects.aggregate(last=Max("position"))["last"]
            self.fields["position"].initial = (last or 0) + 1

    def clean_webhook_url(self) -> str:
        """Refuse what the portal would never post to: private networks, and connections without encryption."""
        url: str = self.cleaned_data["webhook_url"]
        if url:
            try:
                outbound.check(url, allowed_hosts=settings.WEBHOOK_ALLOWED_HOSTS)
            except outbound.RefusedAddress as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return url


@admin.register(OnCallStep)
class OnCallStepAdmin(QuietAdmin):
    """The on-call list, in the order in which it is alerted."""

    form = OnCallStepForm
    fields = ("position", "user", "webhook_url", "minutes", "renew_secret")
    list_display = ("position", "user", "webhook_url", "minutes")
    list_display_links = ("position", "user")
    list_select_related = ("user",)
    ordering = ("position",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Managers and administrators."""
        return _may_manage(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Managers and administrators."""
        return _may_manage(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Managers and administrators."""
        return _may_manage(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Managers and administrators."""
        return _may_manage(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Managers and administrators: a step holds no history of its own."""
        return _may_manage(request)

    def save_model(self, request: HttpRequest, obj: OnCallStep, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save, and give a new endpoint its secret, shown this once."""
        wants_new = form.cleaned_data.get("renew_secret") or "webhook_url" in form.changed_data
        fresh = ""
        if not obj.webhook_url:
            obj.webhook_secret = ""
        elif wants_new or not obj.webhook_secret:
            fresh = obj.webhook_secret = self._secret(obj, renew=bool(form.cleaned_data.get("renew_secret")))
        super().save_model(request, obj, form, change)
        if fresh:
            # One endpoint has one secret, on however many steps it stands.
            OnCallStep.objects.filter(webhook_url=obj.webhook_url).update(webhook_secret=fresh)
            messages.warning(
                request,
                format_html(
                    "{} <code>{}</code>", _("The webhook's secret, shown only now. Copy it to the endpoint:"), fresh
                ),
            )
        if oncall.is_list_empty():
            messages.warning(request, _("The list reaches nobody yet: alerts go to the support managers."))

    @staticmethod
    def _secret(step: OnCallStep, *, renew: bool) -> str:
        others = OnCallStep.objects.filter(webhook_url=step.webhook_url).exclude(pk=step.pk).exclude(webhook_secret="")
        known = None if renew else others.values_list("webhook_secret", flat=True).first()
        return known or webhooks.new_secret()


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Who was woken for which Production Down, and who answered."""

    list_display = ("case", "raised_at", "steps_taken", "next_at", "acknowledged_by", "acknowledged_at")
    list_filter = (("acknowledged_at", admin.EmptyFieldListFilter),)
    list_select_related = ("case", "acknowledged_by")
    sortable_by = ()
    paginator = BoundedPaginator
    fields = ("desk", "raised_at", "steps_taken", "next_at", "acknowledged_by", "acknowledged_at", "history")
    readonly_fields = ("desk", "history")

    @admin.display(description=_l("case"))
    def desk(self, alert: Alert) -> SafeString:
        """Return the way to the case."""
        return _desk_link(alert.case)

    @admin.display(description=_l("history"))
    def history(self, alert: Alert) -> SafeString:
        """Return what happened about the Production Down, in words."""
        events = alert.case.events.filter(kind__in=oncall.ALERT_EVENTS).timeline()
        lines = [(f"{entry.event.created_at:%Y-%m-%d %H:%M} UTC", entry.sentence) for entry in timeline.entries(events)]
        items = format_html_join("", "<li>{} · {}</li>", lines)
        return format_html("<ol>{}</ol>", items)


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """Cases to look up; they are worked at the desk, where every change leaves its event."""

    list_display = ("number", "subject", "account", "status", "priority", "severity", "owner", "opened_at", "desk")
    list_display_links = ("number", "subject")
    list_filter = ("status", "priority", "severity", "product")
    list_select_related = ("account", "owner")
    search_fields = ("subject",)
    search_help_text = _l("Number, subject and text, internal notes too")
    sortable_by = ()
    ordering = ("-id",)
    paginator = BoundedPaginator
    fields = (
        "desk", "account", "contact", "product", "subject", "description", "environment", "endpoints", "contact_phone",
        "severity", "priority", "status", "owner", "origin", "verification", "follow_up_of", "opened_at", "updated_at",
        "first_response_due_at", "first_responded_at", "solved_at", "closed_at", "production_down_at", "escalated_at",
    )  # fmt: skip
    readonly_fields = ("desk",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return what this person may see anywhere else."""
        return Case.objects.visible_to(_person(request)).defer("search_public", "search_staff", "description_html")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search as the desk does."""
        term = search_term.replace("\x00", "").strip()
        if not term:
            return queryset, False
        return queryset.matching(term, internal=bool(policies.see_internal(_person(request)))), False

    @admin.display(description=_l("at the desk"))
    def desk(self, case: Case) -> SafeString:
        """Return the way to where the case is worked."""
        return _desk_link(case)


def _desk_link(case: Case) -> SafeString:
    return format_html('<a href="{}">{} {}</a>', case.get_desk_url(), _("Open"), case.number)


def _may_manage(request: HttpRequest) -> bool:
    return bool(policies.manage_desk(_person(request)))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the site lets only staff in
    return request.user
