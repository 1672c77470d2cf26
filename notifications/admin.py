"""The ledger, for support managers and administrators: to look at, and to try again."""

from typing import Any, ClassVar

from csp.decorators import csp_update
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from accounts.admin.base import BoundedPaginator, ReadOnlyAdmin
from accounts.http import PersonalRequest
from accounts.models import User
from lib.addresses import normalise_email
from notifications import kinds, mail_pages, policies, retrying, shared
from notifications.http import mail_body_response
from notifications.models import Delivery, Message

SHOWN_OF_A_MESSAGE = 100


class KindFilter(admin.SimpleListFilter):
    """By kind, in a person's words."""

    title = _l("kind")
    parameter_name = "kind"
    field = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        return [(kind.name, str(kind.label)) for kind in kinds.registered()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - Django's signature
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class DeliveryKindFilter(KindFilter):
    """The same, of a delivery's message."""

    field = "message__kind"


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What happened, and who was told."""

    list_display = ("kind_label", "event", "thread", "created_at")
    list_filter = (KindFilter,)
    search_fields = ("event",)
    search_help_text = _l("The event, such as case-event:42")
    ordering = ("-id",)
    # Newest first only, and no counts beside the filters: either would read the whole table.
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    fields = ("kind_label", "event", "thread", "actor", "created_at", "states", "deliveries")
    readonly_fields = fields

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:  # noqa: ARG002 - Django's signature
        term = search_term.strip().replace("\0", "")
        return (queryset.filter(Q(event=term) | Q(kind=term) | Q(thread=term)) if term else queryset), False

    @admin.display(description=_l("kind"))
    def kind_label(self, message: Message) -> str:
        return kinds.label(message.kind)

    @admin.display(description=_l("deliveries by state"))
    def states(self, message: Message) -> str:
        counts = message.deliveries.order_by().values_list("state").annotate(Count("pk"))
        return " · ".join(f"{Delivery.State(state).label}: {count}" for state, count in sorted(counts)) or _("none")

    @admin.display(description=_l("deliveries"))
    def deliveries(self, message: Message) -> SafeString:
        rows = message.deliveries.select_related("user").defer("text", "html").order_by("id")[:SHOWN_OF_A_MESSAGE]
        listed = format_html_join(
            "",
            '<tr><td><a href="{}">{}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>',
            (
                (
                    reverse("admin:notifications_delivery_change", args=[delivery.pk]),
                    delivery.shown_address or delivery.user,
                    delivery.get_channel_display(),
                    delivery.get_state_display(),
                    delivery.attempts,
                    delivery.last_error,
                )
                for delivery in rows
            ),
        )
        return format_html(
            "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead>"
            '<tbody>{}</tbody></table><p><a href="{}?message__id__exact={}">{}</a></p>',
            _("Recipient"),
            _("Channel"),
            _("State"),
            _("Attempts"),
            _("Last error"),
            listed,
            reverse("admin:notifications_delivery_changelist"),
            message.pk,
            _("All deliveries of this message"),
        )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Each message to each recipient: its state, what went wrong, what was sent."""

    list_display = ("recipient", "kind_label", "state", "channel", "attempts", "subject", "error", "sent_at")
    list_filter = ("state", "channel", DeliveryKindFilter)
    list_select_related = ("message", "user")
    search_fields = ("address",)
    search_help_text = _l("An e-mail address or endpoint, or the name of a kind")
    ordering = ("-id",)
    # Newest first only, and no counts beside the filters: either would read the whole table.
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = ("retry",)
    fields = (
        "recipient", "kind_label", "message", "channel", "state", "attempts", "last_error", "not_before", "created_at",
        "sent_at", "read_at", "mail_id", "subject", "sent_text", "sent_html",
    )  # fmt: skip
    readonly_fields = fields

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/ledger.css"]}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("text", "html")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "message__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:  # noqa: ARG002 - Django's signature
        term = search_term.strip().replace("\0", "")
        if not term:
            return queryset, False
        if "@" in term or "://" in term:
            people = User.objects.filter(email=normalise_email(term)).values("pk")
            return queryset.filter(Q(address__in=[term, normalise_email(term)]) | Q(user__in=people)), False
        return queryset.filter(message__kind__startswith=term), False

    @admin.display(description=_l("recipient"))
    def recipient(self, delivery: Delivery) -> str:
        return delivery.shown_address or str(delivery.user)

    @admin.display(description=_l("kind"))
    def kind_label(self, delivery: Delivery) -> str:
        return kinds.label(delivery.message.kind)

    @admin.display(description=_l("last error"))
    def error(self, delivery: Delivery) -> str:
        return truncatechars(delivery.last_error, 80)

    @admin.display(description=_l("text"))
    def sent_text(self, delivery: Delivery) -> SafeString | str:
        if _is_secret(delivery):
            return _("Kept from everybody: it held a link for the recipient alone.")
        text = shared.shown(delivery).text
        return format_html('<pre class="mail-text">{}</pre>', text) if text else ""

    @admin.display(description=_l("as it was sent"))
    def sent_html(self, delivery: Delivery) -> SafeString | str:
        html = shared.shown(delivery).html
        if _is_secret(delivery) or not html:
            return ""
        return format_html(
            '<iframe class="mail-frame" sandbox="" src="{}" title="{}"></iframe>'
            '<details><summary>{}</summary><pre class="mail-text">{}</pre></details>',
            reverse("admin:notifications_delivery_body", args=[delivery.pk]),
            _("The mail as it was sent"),
            _("HTML source"),
            html,
        )

    def has_retry_permission(self, request: PersonalRequest) -> bool:
        """Say whether the person may send again."""
        return bool(policies.retry(request.user))

    @admin.action(description=_l("Retry: send failed and not sent ones again"), permissions=["retry"])
    def retry(self, request: PersonalRequest, queryset: QuerySet[Delivery]) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        retried = retrying.retry(delivery_ids=chosen, actor=request.user)
        for delivery in retried:
            self.log_change(request, delivery, _("Sent again."))
        count = len(retried)
        text = ngettext("%(count)s delivery waits to be sent.", "%(count)s deliveries wait to be sent.", count)
        messages.success(request, text % {"count": count})
        if count < len(chosen):
            messages.info(request, _("Only failed or not sent ones can be sent again, and none that held a secret."))

    def get_urls(self) -> list[URLPattern]:
        body = self.admin_site.admin_view(self.body)
        own = path("<int:delivery_id>/body/", body, name="notifications_delivery_body")
        return [own, *super().get_urls()]

    def body(self, request: PersonalRequest, delivery_id: int) -> HttpResponse:
        """Answer a mail's HTML, in a sandbox of its own."""
        if not policies.see_ledger(request.user):
            raise PermissionDenied
        delivery = Delivery.objects.select_related("message", "body").filter(pk=delivery_id).first()
        html = shared.shown(delivery).html if delivery else ""
        if delivery is None or not html or _is_secret(delivery):
            raise Http404
        return mail_body_response(html)

    @method_decorator(csp_update({"frame-src": ["'self'"]}))
    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show one delivery; its page may hold the frame with the mail."""
        return super().change_view(request, *args, **kwargs)


def _is_secret(delivery: Delivery) -> bool:
    kind = kinds.find(delivery.message.kind)
    return kind is not None and kind.is_secret


# The portal's own site (accounts.admin_site), which Django hands out as a lazy object.
_site: Any = admin.site
_site.register_page(mail_pages.PAGE, mail_pages.urls())
