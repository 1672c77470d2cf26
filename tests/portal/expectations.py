"""The table of ``test_routing``: for every address and role, what is answered. ``expecting`` says how it is read."""

from collections.abc import Callable, Mapping

from django.test import Client
from django.urls import reverse

from tests.cast import SignedIn
from tests.portal.expecting import (
    ANONYMOUS,
    CUSTOMERS,
    DESK,
    ROLES,
    SIGNED_IN,
    STAFF,
    Expectation,
    desk,
    fixed,
    of_acme,
    of_case,
    of_contact,
    of_delivery,
    of_team,
    public,
    signed_in,
    staff,
)
from tests.portal.forum_expectations import FORUM_EXPECTATIONS
from tests.portal.status_expectations import STATUS_EXPECTATIONS
from tests.portal.world import World

__all__ = ["ANONYMOUS", "EXPECTATIONS", "PREFIX_RULES", "ROLES", "Expectation"]

EXPECTATIONS: Mapping[str, Expectation] = {
    "home": public(fixed("home")),
    "support": public(fixed("support")),
    "language": public(fixed("language")),
    "styleguide": staff(fixed("styleguide")),
    "styleguide_error": staff(lambda _world: reverse("styleguide_error", args=["404"])),
    # Cases, the customer's side
    "cases:list": Expectation(fixed("cases:list"), {"sign-in": [ANONYMOUS], "302": DESK}, rest="200"),
    "cases:activity": Expectation(fixed("cases:activity"), {"sign-in": [ANONYMOUS], "302": DESK}, rest="200"),
    "cases:create": Expectation(fixed("cases:create"), {"sign-in": [ANONYMOUS], "302": DESK}, rest="200"),
    "cases:filing_extras": Expectation(
        fixed("cases:filing_extras"), {"sign-in": [ANONYMOUS], "200": [*CUSTOMERS, "stranger"]}, rest="403"
    ),
    # A draft's own key is asked for first; whose it is, is asked of the policies after that.
    "cases:save_draft": signed_in(fixed("cases:save_draft"), method="POST", answer="400"),
    "cases:discard_draft": signed_in(fixed("cases:discard_draft"), method="POST", answer="400"),
    "cases:restore_draft": signed_in(fixed("cases:restore_draft"), method="POST", answer="400"),
    "cases:preview": signed_in(fixed("cases:preview"), method="POST"),
    "cases:subject_check": signed_in(fixed("cases:subject_check"), method="POST"),
    "cases:detail": of_acme(of_case("cases:detail"), desk="302"),
    "cases:filed": of_acme(of_case("cases:filed")),
    "cases:reply": of_acme(of_case("cases:reply"), method="POST", customers="422", desk="422", csm="403"),
    "cases:move": of_acme(of_case("cases:move"), method="POST", customers="400", desk="400", csm="400"),
    "cases:edit": of_acme(of_case("cases:edit"), colleague="403", csm="403"),
    "cases:verify": of_acme(of_case("cases:verify"), method="POST", customers="400", desk="400", csm="400"),
    "cases:follow": of_acme(of_case("cases:follow"), method="POST", customers="400", desk="400", csm="403"),
    "cases:unfollow": of_acme(of_case("cases:unfollow"), method="POST", customers="400", desk="400", csm="403"),
    "cases:attachment": of_acme(
        lambda world: reverse("cases:attachment", args=[world.case.pk, world.attached.token, "sync.log"])
    ),
    # The desk
    "desk:queue": desk(fixed("desk:queue")),
    "desk:new": desk(fixed("desk:new")),
    "desk:file": desk(lambda world: reverse("desk:file", args=[world.acme.pk])),
    "desk:activity": Expectation(
        lambda world: reverse("desk:activity", args=[world.acme.pk]),
        {"sign-in": [ANONYMOUS], "200": [*DESK, "csm"]},
        rest="403",
    ),
    "desk:acknowledge": desk(lambda world: reverse("desk:acknowledge", args=[world.alert.token])),
    "desk:case": desk(of_case("desk:case")),
    "desk:take": desk(of_case("desk:take"), method="POST", answer="302"),
    "desk:reply": desk(of_case("desk:reply"), method="POST", answer="422"),
    "desk:edit": desk(of_case("desk:edit")),
    "desk:status": desk(of_case("desk:status"), method="POST", answer="422"),
    "desk:owner": desk(of_case("desk:owner"), method="POST", answer="422"),
    "desk:priority": desk(of_case("desk:priority"), method="POST", answer="422"),
    "desk:severity": desk(of_case("desk:severity"), method="POST", answer="422"),
    "desk:lower": desk(of_case("desk:lower"), method="POST", answer="422"),
    "desk:escalation": desk(of_case("desk:escalation"), method="POST", answer="422"),
    "desk:verify": desk(of_case("desk:verify"), method="POST", answer="422"),
    "desk:follower": desk(of_case("desk:follower"), method="POST", answer="422"),
    # Files
    "files:stage": signed_in(fixed("files:stage"), method="POST", answer="422"),
    "files:discard": Expectation(
        lambda world: reverse("files:discard", args=[world.staged.token]),
        {"sign-in": [ANONYMOUS], "204": ["contact"]},
        rest="404",
        method="POST",
    ),
    # People
    "accounts:profile": signed_in(fixed("accounts:profile")),
    "accounts:getting_started": signed_in(fixed("accounts:getting_started")),
    **{
        f"accounts:{act}_guide": Expectation(
            lambda _world, act=act: reverse(f"accounts:{act}_guide", args=["contact"]),  # type: ignore[misc]
            {"sign-in": [ANONYMOUS], "302": [*CUSTOMERS, "stranger", "partner"]},
            rest="404",
            method="POST",
        )
        for act in ("dismiss", "reopen")
    },
    "accounts:join": signed_in(fixed("accounts:join")),
    "accounts:invitation": Expectation(
        lambda world: reverse("accounts:invitation", args=[world.invitation_token]),
        {"200": [ANONYMOUS]},  # where to sign in or up, and come back
        rest="403",
    ),
    "accounts:team": Expectation(
        fixed("accounts:team"),
        {"sign-in": [ANONYMOUS], "302": ["contact", "colleague", "stranger", "partner"]},
        rest="404",
    ),
    "accounts:account_team": of_team(lambda world: reverse("accounts:account_team", args=[world.acme.pk])),
    "accounts:team_invite": of_team(
        lambda world: reverse("accounts:team_invite", args=[world.acme.pk]), method="POST", answer="422"
    ),
    "accounts:team_end": of_team(
        lambda world: reverse("accounts:team_end", args=[world.acme.pk, world.leaver.pk]),
        method="POST",
        answer="302",
    ),
    "accounts:team_undo_end": of_team(
        lambda world: reverse("accounts:team_undo_end", args=[world.acme.pk, world.leaver.pk]),
        method="POST",
        answer="302",
    ),
    "accounts:team_resend": of_team(
        lambda world: reverse("accounts:team_resend", args=[world.acme.pk, world.invitation.pk]),
        method="POST",
        answer="302",
    ),
    "accounts:team_withdraw": of_team(
        lambda world: reverse("accounts:team_withdraw", args=[world.acme.pk, world.invitation.pk]),
        method="POST",
        answer="302",
    ),
    "accounts:team_undo_withdraw": of_team(
        lambda world: reverse("accounts:team_undo_withdraw", args=[world.acme.pk, world.invitation.pk]),
        method="POST",
        answer="302",
    ),
    # What one was sent
    "notifications:sent": signed_in(fixed("notifications:sent")),
    "notifications:preferences": signed_in(fixed("notifications:preferences")),
    "notifications:centre": signed_in(fixed("notifications:centre")),
    "notifications:read_all": signed_in(fixed("notifications:read_all"), method="POST", answer="302"),
    "notifications:undo_read_all": signed_in(
        lambda _world: reverse("notifications:undo_read_all", args=[1]), method="POST", answer="302"
    ),
    "notifications:detail": of_contact(of_delivery("notifications:detail")),
    "notifications:body": of_contact(of_delivery("notifications:body")),
    "notifications:read": of_contact(of_delivery("notifications:read"), method="POST", answer="302"),
    # Behind a mail's link, signed in or not
    "notifications:unsubscribe": public(lambda world: world.unsubscribe_url),
    **FORUM_EXPECTATIONS,
    **STATUS_EXPECTATIONS,
}


def _admin_is_for_staff(world: World, as_user: SignedIn) -> None:
    """Anonymous to sign-in, customers and members refused, staff let in; what they find there is their permissions'."""
    url = reverse("admin:index")
    assert Client().get(url, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    for role in SIGNED_IN:
        person = world.person(role)
        assert person is not None
        assert (role, as_user(person).get(url).status_code) == (role, 200 if role in STAFF else 403)


def _sign_in_pages_answer(world: World, as_user: SignedIn) -> None:
    """Sign-in and sign-up are for visitors; the account's own pages are behind sign-in."""
    person = world.person("member")
    assert person is not None
    for name in ("account_login", "account_signup", "account_reset_password"):
        assert (name, Client().get(reverse(name)).status_code) == (name, 200)
    for name in ("account_email", "account_change_password", "mfa_index"):
        response = Client().get(reverse(name))
        assert (name, response.status_code) == (name, 302)
        assert response.headers["Location"].startswith("/accounts/login/")
        assert (name, as_user(person).get(reverse(name)).status_code) == (name, 200)


PREFIX_RULES: Mapping[str, Callable[[World, SignedIn], None]] = {
    "admin/": _admin_is_for_staff,
    "accounts/": _sign_in_pages_answer,
}
