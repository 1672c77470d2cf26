"""Operators' screens: components, groups, regions and templates; and who subscribes, to look at.

Whatever is saved here is published at once, like every other write of the status site.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from accounts.admin.base import BoundedPaginator, QuietAdmin, ReadOnlyAdmin
from lib.addresses import normalise_email
from status import components, policies, publishing, subscribing
from status.changes import By
from status.constants import Kind, Stage
from status.models import Component, ComponentGroup, IncidentTemplate, Region, Subscriber

if TYPE_CHECKING:
    # Generic for type checkers only.
    TemplateModelForm = forms.ModelForm[IncidentTemplate]
else:
    TemplateModelForm = forms.ModelForm


class _ForOperators(QuietAdmin):
    """Screens of whoever operates the status site."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators."""
        return bool(policies.operate(request.user))


class _Published(_ForOperators):
    """Rows that the public pages show."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's hook
        """Save what was edited and nothing else: a component's status is changing under our hands on a bad day."""
        # First of all, as every write of the status site does: nothing can deadlock then.
        publishing.lock()
        if hasattr(obj, "updated_at"):
            obj.updated_at = timezone.now()
        if not change:
            obj.save()
            return
        own = {field.name for field in obj._meta.concrete_fields}  # noqa: SLF001 - Django's API
        edited = [name for name in (*form.changed_data, "updated_at") if name in own]
        if edited:
            obj.save(update_fields=edited)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's hook
        """Publish once everything is saved."""
        super().save_related(request, form, formsets, change)
        components.saved()


@admin.register(Component)
class ComponentAdmin(_Published):
    """What can fail. Its status is set at the console; what is not in service any more is archived."""

    list_display = ("name", "group", "region", "position", "status", "is_in_service")
    list_editable = ("position",)
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "group", "region")
    list_select_related = ("group", "region")
    search_fields = ("name",)
    sortable_by = ()
    ordering = ("group__position", "group_id", "position", "id")
    filter_horizontal = ("products",)
    fieldsets = (
        (None, {"fields": ("name", "description", "group", "region", "position")}),
        (_l("On the pages"), {"fields": ("showcase", "only_show_if_degraded", "start_date")}),
        (_l("Cases"), {"fields": ("products",)}),
    )
    actions = ("archive",)

    @admin.display(description=_l("in service"), boolean=True)
    def is_in_service(self, component: Component) -> bool:
        """Say whether the pages show it."""
        return component.archived_at is None

    @admin.action(description=_l("Take out of service"), permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Component]) -> None:
        """Archive the chosen: their history stays."""
        chosen = list(queryset.values_list("public_id", flat=True))
        for public_id in chosen:
            components.archive(by=By(request.user), public_id=public_id)  # type: ignore[arg-type] # staff are users
        self.message_user(
            request,
            ngettext("%(count)d component is out of service.", "%(count)d components are out of service.", len(chosen))
            % {"count": len(chosen)},
            messages.SUCCESS,
        )


@admin.register(ComponentGroup)
class ComponentGroupAdmin(_Published):
    """Components that belong together on the page."""

    list_display = ("name", "position")
    list_editable = ("position",)
    fields = ("name", "description", "position")
    sortable_by = ()


@admin.register(Region)
class RegionAdmin(_Published):
    """Where components run."""

    list_display = ("name", "slug", "position")
    list_editable = ("position",)
    fields = ("name", "slug", "position")
    prepopulated_fields = {"slug": ("name",)}
    sortable_by = ()


class IncidentTemplateForm(TemplateModelForm):
    """A template whose status its kind can begin with."""

    class Meta:
        model = IncidentTemplate
        fields = ("name", "kind", "title", "body", "status", "components", "component_status")

    def clean(self) -> dict[str, Any]:
        """Refuse a status that nothing begins with; maintenance has but one."""
        data = super().clean() or {}
        if data.get("kind") == Kind.MAINTENANCE:
            data["status"] = Stage.SCHEDULED
        elif data.get("kind") and data.get("status"):
            decision = policies.begin(data["kind"], data["status"])
            if not decision:
                self.add_error("status", str(decision.reason))
        return data


@admin.register(IncidentTemplate)
class IncidentTemplateAdmin(_ForOperators):
    """What would be written anyway, written beforehand."""

    list_display = ("name", "kind", "title")
    list_filter = ("kind",)
    form = IncidentTemplateForm
    fields = ("name", "kind", "title", "body", "status", "components", "component_status")
    filter_horizontal = ("components",)
    sortable_by = ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """A template has no history of its own."""
        return bool(policies.operate(request.user))


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    """Who is told. An endpoint's address and its links are its owner's secret, and are not shown."""

    list_display = ("owner_email", "way", "delivery", "confirmed_at", "ended_at", "given_up_at")
    list_filter = ("way", ("confirmed_at", admin.EmptyFieldListFilter), ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("owner_email",)
    search_help_text = _l("The whole address of a mailbox")
    sortable_by = ()
    paginator = BoundedPaginator
    actions = ("end",)
    fields = (
        "owner_email", "way", "delivery", "language", "time_zone", "wants_incidents", "wants_maintenance",
        "wants_components", "wants_everything", "components", "regions", "created_at", "confirmed_at", "ended_at",
        "given_up_at",
    )  # fmt: skip

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's hook
        """Status operators and administrators."""
        return bool(policies.operate(request.user))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:  # noqa: ARG002 - Django's signature
        """Find a mailbox by its whole address, which has an index."""
        term = normalise_email(search_term.replace("\0", ""))
        return (queryset.filter(owner_email=term) if term else queryset), False

    @admin.action(description=_l("End the chosen subscriptions"), permissions=["view"])
    def end(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        """Send them no more, as if they had unsubscribed: their owners can undo it."""
        chosen = list(queryset.filter(ended_at=None).values_list("pk", flat=True))
        for subscriber_id in chosen:
            subscribing.end(subscriber_id=subscriber_id)
        self.message_user(
            request,
            ngettext("%(count)d subscription has ended.", "%(count)d subscriptions have ended.", len(chosen))
            % {"count": len(chosen)},
            messages.SUCCESS,
        )


# Registers the screens of what acts by itself.
from status import admin_automation as _admin_automation  # noqa: E402, F401
