"""Tokens of the API, for administrators: made with their scopes, shown once, withdrawn; with their last use."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from accounts import api_scopes, api_tokens, policies
from accounts.admin.account import _person
from accounts.admin.base import QuietAdmin, act_button
from accounts.models import ApiToken, User

if TYPE_CHECKING:
    # Generic for type checkers only.
    TokenModelForm = forms.ModelForm[ApiToken]
else:
    TokenModelForm = forms.ModelForm


class ApiTokenForm(TokenModelForm):
    """What a new token is for."""

    scopes = forms.MultipleChoiceField(
        label=_l("Scopes"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_l("What it opens, as long as its owner may do it too."),
    )

    class Meta:
        model = ApiToken
        fields = ("label", "owner", "scopes", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Staff only: nothing that the API does is a customer's to do.
        owners: Any = self.fields["owner"]
        owners.queryset = User.objects.filter(is_active=True, is_staff=True).order_by("display_name", "pk")
        choices: Any = self.fields["scopes"]
        choices.choices = [(name, f"{name}: {label}") for name, label in api_scopes.scopes().items()]

    def clean_expires_at(self) -> Any:
        """Refuse a time that has passed."""
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and not ApiToken(expires_at=expires_at).is_in_force:
            raise ValidationError(_("This time has passed."))
        return expires_at


@admin.register(ApiToken)
class ApiTokenAdmin(QuietAdmin):
    """Tokens: added and withdrawn, never changed. Nobody can read one again."""

    change_form_template = "admin/accounts/user/change_form.html"
    list_display = ("label", "prefix", "owner", "scope_names", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("owner",)
    search_fields = ("label", "prefix", "owner__display_name")
    readonly_fields = (
        "label", "owner", "scope_names", "prefix", "expires_at",
        "last_used_at", "created_by", "created_at", "revoked_at",
    )  # fmt: skip

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return bool(policies.manage_api_tokens(_person(request)))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Administrators."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """A token is withdrawn, and another made."""
        return False

    def get_form(self, request: HttpRequest, obj: ApiToken | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Ask what the token is for; start with the administrator as its owner."""
        if obj is None:
            kwargs["form"] = ApiTokenForm
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the administrator as the owner."""
        return {"owner": _person(request).pk, **super().get_changeform_initial_data(request)}

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:  # noqa: ARG002 - Django's signature
        """Ask little, show all."""
        return ("label", "owner", "scopes", "expires_at") if obj is None else self.readonly_fields

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:  # noqa: ARG002 - Django's signature
        """Everything, once it is there."""
        return () if obj is None else self.readonly_fields

    @admin.display(description=_l("scopes"))
    def scope_names(self, token: ApiToken) -> str:
        """Return what it opens."""
        return ", ".join(token.scopes)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: ApiTokenForm, change: bool) -> None:  # noqa: FBT001, ARG002 - Django's signature
        """Make the token and show it, this once."""
        issued = api_tokens.create(
            owner=obj.owner, label=obj.label, scopes=obj.scopes, expires_at=obj.expires_at, actor=_person(request)
        )
        obj.pk = issued.token.pk
        obj.refresh_from_db()
        told = _("The token, shown only now. Copy it to where it is used:")
        messages.warning(request, format_html("{} <code>{}</code>", told, issued.plain))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the token with the button that withdraws it."""
        token = self.get_object(request, object_id)
        buttons = []
        if token is not None and token.revoked_at is None and policies.manage_api_tokens(_person(request)):
            url = reverse("admin:accounts_apitoken_revoke", args=[token.pk])
            buttons.append(act_button(_("Withdraw the token"), url, whom=token.label))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "acts": buttons})

    def get_urls(self) -> list[URLPattern]:
        """Add the address that withdraws."""
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("<int:pk>/revoke/", revoke, name="accounts_apitoken_revoke"), *super().get_urls()]

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Withdraw the token and come back."""
        policies.manage_api_tokens(_person(request)).require()
        token = api_tokens.revoke(token=get_object_or_404(ApiToken, pk=pk), actor=_person(request))
        messages.success(request, _("The token %(label)s opens nothing any more.") % {"label": token.label})
        return HttpResponseRedirect(reverse("admin:accounts_apitoken_change", args=[pk]))
