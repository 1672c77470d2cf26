"""People, for administrators: sign-ins made by e-mail, roles, switching off, erasing. No password is ever shown."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import erasure, people, policies
from accounts.admin.account import Act, _person, get_or_404
from accounts.admin.base import QuietAdmin, TabularInline, act_button, tell
from accounts.constants import Role
from accounts.forms import CreatePersonForm, PersonForm
from accounts.models import Contact, User

PERSON_ACTS: Mapping[str, Act] = {
    "deactivate": (_l("Switch the sign-in off"), people.deactivate, _l("The sign-in of %(name)s is off.")),
    "reactivate": (_l("Switch the sign-in on"), people.reactivate, _l("The sign-in of %(name)s is on.")),
    "remove-second-factors": (
        _l("Remove second factors"),
        people.remove_second_factors,
        _l("%(name)s signs in by password alone until they set up a new second factor."),
    ),
}


class MembershipInline(TabularInline):
    """The accounts this person belongs to."""

    model = Contact
    fk_name = "user"
    fields = ("account", "is_authorized", "is_account_admin", "created_at", "ended_at")
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """Join what a row names."""
        return super().get_queryset(request).select_related("account", "user")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """On the account's page."""
        return False


@admin.register(User)
class UserAdmin(QuietAdmin):
    """Sign-ins."""

    change_form_template = "admin/accounts/user/change_form.html"
    form = PersonForm
    list_display = ("display_name", "email", "handle", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "display_name", "handle")
    ordering = ("-id",)
    actions = ["switch_off", "erase"]
    fieldsets = (
        (None, {"fields": ("email", "display_name", "handle", "language", "time_zone")}),
        (_l("Staff"), {"fields": ("is_staff", "roles", "is_superuser")}),
        (_l("State"), {"fields": ("is_active", "date_joined", "last_login", "erased_at")}),
    )
    readonly_fields = ("email", "is_superuser", "is_active", "date_joined", "last_login", "erased_at")

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Ask for address, name and roles at first; the rest is the person's own."""
        if obj is None:
            kwargs["form"] = CreatePersonForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show less while creating."""
        if obj is None:
            return ((None, {"fields": ("email", "display_name")}), (_l("Staff"), {"fields": ("is_staff", "roles")}))
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The address can be written once: later its owner changes it."""
        return () if obj is None else super().get_readonly_fields(request, obj)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:  # noqa: ARG002 - Django's signature
        """Show the memberships of somebody who is there."""
        return [MembershipInline] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """An erased person's row is history."""
        return super().has_change_permission(request, obj) and not (obj and obj.erased_at)

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Create the sign-in, or save the profile, and give the roles."""
        roles = [Role(value) for value in form.cleaned_data["roles"]]
        staff = form.cleaned_data["is_staff"]
        if change:
            obj.save(update_fields=["display_name", "handle", "language", "time_zone"])
            people.set_roles(user=obj, is_staff=staff, roles=roles, actor=_person(request))
            return
        made = people.create(
            email=obj.email, display_name=obj.display_name, is_staff=staff, roles=roles, actor=_person(request)
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the person with the acts that are possible."""
        person = self.get_object(request, object_id)
        context = {**(extra_context or {}), "acts": self._buttons(request, person) if person else []}
        return super().change_view(request, object_id, form_url, context)

    def _buttons(self, request: HttpRequest, person: User) -> list[SafeString]:
        if person.erased_at or not policies.manage_people(_person(request)):
            return []
        names = ["remove-second-factors"]
        if policies.deactivate(_person(request), person):
            names.insert(0, "deactivate" if person.is_active else "reactivate")
        return [
            act_button(
                str(PERSON_ACTS[name][0]),
                reverse("admin:accounts_user_act", args=[person.pk, name]),
                whom=person.display_name,
            )
            for name in names
        ]

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the acts."""
        act = self.admin_site.admin_view(require_POST(self.person_act))
        return [path("<int:pk>/act/<slug:act>/", act, name="accounts_user_act"), *super().get_urls()]

    def person_act(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Do one act on one person and come back."""
        policies.manage_people(_person(request)).require()
        person = get_object_or_404(User, pk=pk)
        _label, verb, done = get_or_404(PERSON_ACTS, act)
        try:
            verb(user=person, actor=_person(request))
        except ValidationError as error:
            tell(request, error)
        else:
            messages.success(request, str(done) % {"name": person.display_name})
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[pk]))

    @admin.action(description=_l("Switch the sign-in off"))
    def switch_off(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Switch many sign-ins off."""
        for person in chosen:
            try:
                people.deactivate(user=person, actor=_person(request))
            except PermissionDenied as error:
                messages.error(request, f"{person}: {error}")
            else:
                messages.success(request, str(PERSON_ACTS["deactivate"][2]) % {"name": person.display_name})

    @admin.action(description=_l("Erase for good…"))
    def erase(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask once more, then erase."""
        policies.manage_people(_person(request)).require()
        if "confirmed" not in request.POST:
            return render(
                request,
                "admin/accounts/user/erase.html",
                {
                    **self.admin_site.each_context(request),
                    "opts": self.opts,
                    "people": chosen,
                    "title": _("Erase for good?"),
                },
            )
        done = 0
        for person in chosen:
            try:
                erasure.erase(user=person, actor=_person(request))
                done += 1
            except PermissionDenied as error:
                messages.error(request, f"{person}: {error}")
        if done:
            messages.success(
                request, ngettext("%(count)d person erased.", "%(count)d people erased.", done) % {"count": done}
            )
        return None
