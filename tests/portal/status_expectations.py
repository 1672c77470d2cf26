"""The part of ``expectations`` that belongs to the status site: published for all, run by operators."""

from collections.abc import Mapping

from django.urls import reverse

from status import api_urls
from tests.portal.expecting import (
    ANONYMOUS,
    CUSTOMERS,
    DESK,
    ROLES,
    Expectation,
    Url,
    desk,
    fixed,
    of_case,
    public,
    signed_in,
)

# Who operates the status site.
OPERATORS = ("operator", "administrator")


def of_incident(name: str) -> Url:
    return lambda world: reverse(name, args=[world.outage.public_id])


def of_draft(name: str) -> Url:
    return lambda world: reverse(name, args=[world.draft.public_id])


def of_plan(name: str) -> Url:
    return lambda world: reverse(name, args=[world.plan.public_id])


def of_component(name: str) -> Url:
    return lambda world: reverse(name, args=[world.component.public_id])


def operators(url: Url, *, method: str = "GET", answer: str = "200") -> Expectation:
    """For who operates the status site; the console is no secret, so others are told 403."""
    answers = {"sign-in": [ANONYMOUS], answer: OPERATORS}
    return Expectation(url, answers, rest="403", method=method, wrong_verb_role="operator")


def with_token(url: Url, *, method: str = "GET", wrong_verb: str = "DELETE") -> Expectation:
    """For programs: a session opens nothing, whoever's it is."""
    return Expectation(url, {"401": ROLES}, method=method, wrong_verb=wrong_verb)


def by_link(name: str, *, method: str = "GET", answer: str = "200") -> Expectation:
    """For who holds the link of a mail, signed in or not."""
    return Expectation(lambda world: reverse(name, args=[world.subscriber.token]), {}, rest=answer, method=method)


STATUS_EXPECTATIONS: Mapping[str, Expectation] = {
    # Published: the same for everybody
    **{
        f"status:{name}": public(fixed(f"status:{name}"))
        for name in ("home", "history", "atom", "rss", "calendar", "badge", "widget", "widget_script", "as_of")
    },
    "status:month": public(
        lambda world: reverse("status:month", args=[f"{world.outage.started_at:%Y-%m}"]),
    ),
    "status:incident": public(of_incident("status:incident")),
    "status:component": public(of_component("status:component")),
    # The same in another language
    **{
        f"status:translated:{name}": public(
            lambda _world, name=name: reverse(f"status:translated:{name}", kwargs={"language": "de"})  # type: ignore[misc]
        )
        for name in ("home", "history", "atom", "rss")
    },
    "status:translated:month": public(
        lambda world: reverse(
            "status:translated:month", kwargs={"language": "de", "month": f"{world.outage.started_at:%Y-%m}"}
        ),
    ),
    "status:translated:incident": public(
        lambda world: reverse(
            "status:translated:incident", kwargs={"language": "de", "incident": world.outage.public_id}
        ),
    ),
    "status:translated:component": public(
        lambda world: reverse(
            "status:translated:component", kwargs={"language": "de", "component": world.component.public_id}
        ),
    ),
    **{
        f"{namespace}:{name.replace('/', '_').replace('-', '_')}": public(
            fixed(f"{namespace}:{name.replace('/', '_').replace('-', '_')}")
        )
        for namespace in ("status_read_api", "api")
        for name in api_urls.FILES
    },
    # Subscribing
    "status_subscriptions:subscribe_in": public(
        lambda _world: reverse("status_subscriptions:subscribe_in", kwargs={"language": "de"})
    ),
    "status_subscriptions:subscribe": public(fixed("status_subscriptions:subscribe")),
    "status_subscriptions:sent": public(fixed("status_subscriptions:sent")),
    "status_subscriptions:confirm": Expectation(
        lambda world: reverse("status_subscriptions:confirm", args=[world.newcomer.confirmation]), {}, rest="200"
    ),
    "status_subscriptions:manage": by_link("status_subscriptions:manage"),
    "status_subscriptions:unsubscribe": by_link("status_subscriptions:unsubscribe", method="POST"),
    "status_subscriptions:resume": by_link("status_subscriptions:resume", method="POST", answer="302"),
    "status_subscriptions:renew_secret": by_link("status_subscriptions:renew_secret", method="POST", answer="302"),
    "status_subscriptions:test": by_link("status_subscriptions:test", method="POST", answer="302"),
    "status_account:subscriptions": signed_in(fixed("status_account:subscriptions")),
    # The console
    "status_console:overview": operators(fixed("status_console:overview")),
    "status_console:history": operators(fixed("status_console:history")),
    "status_console:text": operators(fixed("status_console:text"), method="POST"),
    "status_console:open": operators(fixed("status_console:open")),
    "status_console:past": operators(fixed("status_console:past")),
    "status_console:schedule": operators(fixed("status_console:schedule")),
    "status_console:incident": operators(of_incident("status_console:incident")),
    "status_console:update": operators(of_incident("status_console:update")),
    "status_console:move": operators(of_incident("status_console:move"), method="POST", answer="422"),
    "status_console:edit": operators(of_incident("status_console:edit")),
    "status_console:draft": operators(of_draft("status_console:draft")),
    "status_console:publish": operators(of_draft("status_console:publish"), method="POST", answer="302"),
    "status_console:discard": operators(of_draft("status_console:discard"), method="POST", answer="302"),
    "status_console:bring_back": operators(of_draft("status_console:bring_back"), method="POST", answer="302"),
    "status_console:reschedule": operators(of_plan("status_console:reschedule")),
    "status_console:cancel": operators(of_plan("status_console:cancel")),
    "status_console:edit_update": operators(
        lambda world: reverse("status_console:edit_update", args=[world.outage.updates.get().public_id])
    ),
    "status_console:components": operators(fixed("status_console:components")),
    "status_console:set_status": operators(of_component("status_console:set_status"), method="POST", answer="422"),
    # The write API
    "status_write_api:incidents": with_token(fixed("status_write_api:incidents")),
    "status_write_api:incident": with_token(of_incident("status_write_api:incident")),
    "status_write_api:incident_updates": with_token(of_incident("status_write_api:incident_updates"), method="POST"),
    "status_write_api:incident_publish": with_token(of_draft("status_write_api:incident_publish"), method="POST"),
    "status_write_api:maintenances": with_token(fixed("status_write_api:maintenances")),
    "status_write_api:maintenance": with_token(of_plan("status_write_api:maintenance")),
    **{
        f"status_write_api:maintenance_{act}": with_token(of_plan(f"status_write_api:maintenance_{act}"), method="POST")
        for act in ("updates", "start", "complete", "cancel")
    },
    "status_write_api:components": with_token(fixed("status_write_api:components")),
    "status_write_api:component": with_token(of_component("status_write_api:component")),
    "status_write_api:alertmanager": with_token(fixed("status_write_api:alertmanager"), method="POST"),
    "status_write_api:unknown": Expectation(
        lambda _world: reverse("status_write_api:unknown", args=["nothing/here/"]), {}, rest="404", wrong_verb=""
    ),
    # Cases and incidents
    "bridges:link_incident": desk(of_case("bridges:link_incident")),
    "bridges:unlink_incident": desk(of_case("bridges:unlink_incident"), method="POST", answer="302"),
    "bridges:cases_of_incident": Expectation(
        of_incident("bridges:cases_of_incident"),
        # It leads to the one linked case; for who may not see that, there is none.
        {"sign-in": [ANONYMOUS], "302": [*CUSTOMERS, *DESK, "csm"]},
        rest="404",
        wrong_verb_role="engineer",
    ),
}
