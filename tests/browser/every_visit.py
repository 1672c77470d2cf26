"""The table of visits. Each page template and each state that looks different stands here once."""

from tests.browser.visits import (
    PHONE,
    Visit,
    click,
    fill_and_send,
    open_bell,
    open_menu,
    open_palette,
    post,
    send,
    sign_in_as,
)

ENTRANCE = [
    Visit("home, signed out", "/", "portal/home.html"),
    Visit("phone menu, signed out", "/", role="", act=click("Menu"), size=PHONE),
    Visit("support, signed out", "/support/", "portal/support.html"),
    Visit("language", "/language/", "portal/language.html"),
    Visit("command palette, signed out", "/support/", act=open_palette),
    Visit("sign in", "/accounts/login/", "account/login.html"),
    Visit("sign in, refused", "/accounts/login/", "account/login.html", act=sign_in_as("nobody@quality.example")),
    Visit(
        "sign in, second step", "/accounts/login/", "mfa/authenticate.html", act=sign_in_as("locked@quality.example")
    ),
    Visit("sign up", "/accounts/signup/", "account/signup.html"),
    Visit("sign up, with errors", "/accounts/signup/", "account/signup.html", act=send("main form[action*=signup]")),
    Visit("sign up, closed", "/quality/templates/account/signup_closed.html", "account/signup_closed.html"),
    Visit(
        "address not confirmed",
        "/quality/templates/account/verified_email_required.html",
        "account/verified_email_required.html",
    ),
    Visit("confirmation is on its way", "/accounts/confirm-email/", "account/verification_sent.html"),
    Visit("confirm an address", "/accounts/confirm-email/{email_key}/", "account/email_confirm.html"),
    Visit("confirm an address, too late", "/accounts/confirm-email/nonsense/", "account/email_confirm.html"),
    Visit("password forgotten", "/accounts/password/reset/", "account/password_reset.html"),
    Visit("password forgotten, mail sent", "/accounts/password/reset/done/", "account/password_reset_done.html"),
    Visit("new password", "/accounts/password/reset/key/{reset_key}/", "account/password_reset_from_key.html"),
    Visit(
        "new password, link too old", "/accounts/password/reset/key/1-nonsense/", "account/password_reset_from_key.html"
    ),
    Visit("new password, done", "/accounts/password/reset/key/done/", "account/password_reset_from_key_done.html"),
    Visit("account switched off", "/accounts/inactive/", "account/account_inactive.html"),
    Visit("invitation, signed out", "{invitation}", "accounts/invitation_signed_out.html"),
    Visit("unsubscribe by a mail's link", "{unsubscribe}", "notifications/unsubscribe.html"),
]

ERRORS = [
    *(
        Visit(f"error {code}", f"/quality/errors/{code}/", f"{code}.html", status=code)
        for code in (400, 403, 404, 413, 429, 500, 503)
    ),
    Visit("error 429, searches", "/quality/errors/430/", "429.html", status=429),
    Visit("error 403, form too old", "/quality/errors/419/", "403_csrf.html", status=403),
    Visit("maintenance", "/quality/errors/599/", "maintenance.html", status=503),
    Visit("error 404, signed in", "/nowhere/", "404.html", role="contact", status=404),
]

ACCOUNT = [
    Visit("account menu", "/", role="contact", act=open_menu(".personal details.menu")),
    Visit("bell", "/", role="contact", act=open_bell),
    Visit("bell, nothing new", "/", role="newcomer", act=open_bell),
    Visit("command palette", "/", role="contact", act=open_palette),
    Visit("command palette, staff", "/desk/", role="manager", act=open_palette),
    Visit("getting started", "/account/getting-started/", "accounts/getting_started.html", "newcomer"),
    Visit("getting started, engineer", "/account/getting-started/", "accounts/getting_started.html", "engineer"),
    Visit("phone menu, signed in", "/", role="contact", act=click("Menu"), size=PHONE),
    Visit("sign out", "/accounts/logout/", "account/logout.html", "contact"),
    Visit("profile", "/account/", "accounts/profile.html", "contact"),
    Visit(
        "profile, with errors",
        "/account/",
        "accounts/profile.html",
        "contact",
        422,
        fill_and_send(display_name="", handle="!"),
    ),
    Visit("join an account", "/account/join/", "accounts/join.html", "newcomer"),
    Visit("join an account, with errors", "/account/join/", "accounts/join.html", "newcomer", 422, send()),
    Visit("invitation", "{own_invitation}", "accounts/invitation.html", "newcomer"),
    Visit("invitation, expired", "{expired_invitation}", "accounts/invitation_problem.html", "newcomer", 410),
    Visit("team", "/account/team/{team}/", "accounts/team.html", "contact"),
    Visit(
        "team, with errors",
        "/account/team/{team}/",
        "accounts/team.html",
        "contact",
        422,
        send("main form[action*=invite]"),
    ),
    Visit("which team", "/account/team/", "accounts/team_choice.html", "contact_of_two"),
    Visit("addresses", "/accounts/email/", "account/email.html", "contact"),
    Visit("password", "/accounts/password/change/", "account/password_change.html", "contact"),
    Visit("password, with errors", "/accounts/password/change/", "account/password_change.html", "contact", act=send()),
    Visit("first password", "/accounts/password/set/", "account/password_set.html", "passwordless"),
    Visit("is it you", "/accounts/reauthenticate/", "account/reauthenticate.html", "contact"),
    Visit("is it you, by code", "/accounts/2fa/reauthenticate/", "mfa/reauthenticate.html", "locked"),
    Visit(
        "is it you, by passkey",
        "/quality/templates/mfa/webauthn/reauthenticate.html",
        "mfa/webauthn/reauthenticate.html",
        "contact",
    ),
    Visit("sign-in security, bare", "/accounts/2fa/", "mfa/index.html", "contact"),
    Visit("sign-in security", "/accounts/2fa/", "mfa/index.html", "secured"),
    Visit("authenticator app", "/accounts/2fa/totp/activate/", "mfa/totp/activate_form.html", "contact"),
    Visit(
        "authenticator app, switch off", "/accounts/2fa/totp/deactivate/", "mfa/totp/deactivate_form.html", "secured"
    ),
    Visit("recovery codes", "/accounts/2fa/recovery-codes/", "mfa/recovery_codes/index.html", "secured"),
    Visit(
        "recovery codes, new", "/accounts/2fa/recovery-codes/generate/", "mfa/recovery_codes/generate.html", "secured"
    ),
    Visit("passkeys, none", "/accounts/2fa/webauthn/", "mfa/webauthn/authenticator_list.html", "contact"),
    Visit("passkeys", "/accounts/2fa/webauthn/", "mfa/webauthn/authenticator_list.html", "secured"),
    Visit("passkeys, add", "/accounts/2fa/webauthn/add/", "mfa/webauthn/add_form.html", "contact"),
    Visit(
        "passkeys, rename", "/accounts/2fa/webauthn/keys/{webauthn_key}/edit/", "mfa/webauthn/edit_form.html", "secured"
    ),
    Visit(
        "passkeys, remove",
        "/accounts/2fa/webauthn/keys/{webauthn_key}/remove/",
        "mfa/webauthn/authenticator_confirm_delete.html",
        "secured",
    ),
    Visit("mails sent", "/account/notifications/", "notifications/sent.html", "contact"),
    Visit("mails sent, none", "/account/notifications/", "notifications/sent.html", "newcomer"),
    Visit("a mail", "/account/notifications/{delivery}/", "notifications/detail.html", "contact"),
    Visit("notification centre", "/account/notifications/centre/", "notifications/centre.html", "contact"),
    Visit("notification centre, empty", "/account/notifications/centre/", "notifications/centre.html", "newcomer"),
    Visit(
        "notification preferences", "/account/notifications/preferences/", "notifications/preferences.html", "contact"
    ),
    Visit("watching", "/account/watching/", "forums/watching.html", "member"),
    Visit("watching, nothing", "/account/watching/", "forums/watching.html", "newcomer"),
    Visit("bookmarks", "/account/bookmarks/", "forums/bookmarks.html", "member"),
    Visit("drafts", "/account/drafts/", "forums/drafts.html", "member"),
    Visit("drafts, none", "/account/drafts/", "forums/drafts.html", "newcomer"),
    Visit("status subscriptions", "/account/status/", "status/subscriptions/account.html", "contact"),
]

CASES = [
    Visit("home, contact", "/", "portal/home.html", "contact"),
    Visit("home, member", "/", "portal/home.html", "newcomer"),
    Visit("support, contact", "/support/", "portal/support.html", "contact"),
    Visit("support, partner's customer", "/support/", "portal/support.html", "partner"),
    Visit("my cases", "/cases/?whose=team&state=all", "cases/list.html", "contact"),
    Visit("my cases, none yet", "/cases/", "cases/list.html", "new_contact"),
    Visit("my cases, nothing found", "/cases/?q=nothingofthekind", "cases/list.html", "contact"),
    Visit("activity of an account", "/cases/activity/", "cases/activity.html", "contact"),
    Visit("activity by month", "/cases/activity/?by=month", "cases/activity.html", "contact"),
    Visit("activity, none yet", "/cases/activity/", "cases/activity.html", "new_contact"),
    Visit("become a contact", "/cases/", "cases/become_contact.html", "newcomer"),
    Visit("create case", "/cases/new/", "cases/create.html", "contact"),
    Visit("create case, with errors", "/cases/new/", "cases/create.html", "contact", 422, send()),
    Visit("create case, partner's customer", "/cases/new/", "cases/partner.html", "partner"),
    Visit("case", "/cases/{case}/", "cases/detail.html", "contact"),
    Visit("case, empty reply", "/cases/{case}/", "cases/detail.html", "contact", 422, send("form[action$='/reply/']")),
    Visit("case, closed", "/cases/{closed_case}/", "cases/detail.html", "contact"),
    Visit("case, to be verified", "/cases/{unverified_case}/", "cases/detail.html", "contact"),
    Visit("case, filed", "/cases/{case}/filed/", "cases/filed.html", "contact"),
    Visit("case, edit", "/cases/{case}/edit/", "cases/edit.html", "contact"),
    Visit("case, to its CSM", "/cases/{case}/", "cases/detail.html", "csm"),
    Visit("cases of an incident", "/cases/incidents/{linked_incident}/", "bridges/cases_of_incident.html", "contact"),
]

DESK = [
    Visit("home, engineer", "/", "portal/home.html", "engineer"),
    Visit("home, manager", "/", "portal/home.html", "manager"),
    Visit("home, CSM", "/", "portal/home.html", "csm"),
    Visit("home, moderator", "/", "portal/home.html", "moderator"),
    Visit("home, operator", "/", "portal/home.html", "operator"),
    Visit("queue", "/desk/?tab=all", "cases/desk/queue.html", "engineer"),
    Visit("queue, nothing found", "/desk/?q=nothingofthekind", "cases/desk/queue.html", "engineer"),
    Visit("queue on a phone", "/desk/?tab=all", "cases/desk/queue.html", "manager", size=PHONE),
    Visit("desk, case", "/desk/{case}/", "cases/desk/case.html", "engineer"),
    Visit(
        "desk, empty reply",
        "/desk/{case}/",
        "cases/desk/case.html",
        "engineer",
        422,
        send("#composer form, form#composer"),
    ),
    Visit("desk, production down", "/desk/{case_of_alert}/", "cases/desk/case.html", "manager"),
    Visit("desk, to be verified", "/desk/{unverified_case}/", "cases/desk/case.html", "engineer"),
    Visit("desk, edit", "/desk/{case}/edit/", "cases/desk/edit.html", "engineer"),
    Visit("desk, whose case", "/desk/new/?q=a", "cases/desk/new_account.html", "engineer"),
    Visit("desk, new case", "/desk/new/{account_id}/", "cases/desk/new.html", "engineer"),
    Visit("desk, new case, with errors", "/desk/new/{account_id}/", "cases/desk/new.html", "engineer", 422, send()),
    Visit("desk, activity", "/desk/accounts/{account_id}/activity/", "cases/desk/activity.html", "engineer"),
    Visit("alert", "/desk/alerts/{alert}/", "cases/desk/alert.html", "engineer"),
    Visit("case of a topic", "/desk/topics/{customers_topic_id}/case/", "bridges/make_case.html", "engineer"),
    Visit(
        "case of a topic, no contact", "/desk/topics/{strangers_topic_id}/case/", "bridges/no_contact.html", "engineer"
    ),
    Visit("publish a case", "/desk/cases/{solved_case}/publish/", "bridges/publish.html", "engineer"),
    Visit("link an incident", "/desk/cases/{case}/incidents/", "bridges/link_incident.html", "engineer"),
]

COMMUNITY = [
    Visit("community", "/forums/", "forums/home.html"),
    Visit("community, member", "/forums/", "forums/home.html", "member"),
    Visit("watch menu", "/forums/", role="member", act=open_menu("details.watch")),
    Visit("category", "/forums/c/{category}/", "forums/category.html"),
    Visit(
        "community, next page",
        "/forums/",
        "forums/home.html",
        act=lambda page, _places: page.locator("main a[rel=next], main .pager a").last.click(),
    ),
    Visit("tags", "/forums/tags/", "forums/tags.html"),
    Visit("tag", "/forums/tags/{tag}/", "forums/tag.html"),
    Visit("leaderboard", "/forums/leaderboard/", "forums/leaderboard.html"),
    Visit("topic", "{topic}", "forums/topic.html"),
    Visit("topic, solved", "{solved_topic}", "forums/topic.html"),
    Visit("topic, member", "{topic}", "forums/topic.html", "member"),
    Visit("topic, moderator", "{topic}", "forums/topic.html", "moderator"),
    Visit("topic, unanswered", "{unanswered_topic}", "forums/topic.html", "engineer"),
    Visit("comments", "/forums/posts/{commented_post}/comments/", "forums/comments.html"),
    Visit("history of a post", "/forums/posts/{edited_post}/history/", "forums/history.html"),
    Visit("activity of a community", "/forums/activity/", "forums/activity.html"),
    Visit("ask", "/forums/ask/", "forums/ask.html", "member"),
    Visit(
        "ask, with errors",
        "/forums/ask/",
        "forums/ask.html",
        "member",
        422,
        send("form.composer, main form[method=post]"),
    ),
    Visit("answer", "/forums/topics/{customers_topic_id}/reply/", "forums/reply.html", "member"),
    Visit("comment", "/forums/posts/{others_post}/comment/", "forums/comment.html", "member"),
    Visit("edit a post", "/forums/posts/{own_post}/edit/", "forums/edit.html", "member"),
    Visit("flag a post", "/forums/posts/{others_post}/flag/", "forums/flag.html", "member"),
    Visit("organise a topic", "/forums/topics/{topic_id}/merge/", "forums/organise.html", "moderator"),
    Visit("tags of a topic", "/forums/topics/{topic_id}/tags/", "forums/organise.html", "moderator"),
    Visit(
        "signed out while writing",
        "/accounts/login/",
        "forums/signed_out.html",
        status=403,
        act=post("/forums/ask/", title="Lost?", body="No."),
    ),
    Visit(
        "topic gone while writing",
        "/account/",
        "forums/gone.html",
        "member",
        404,
        post("/forums/topics/99999999/reply/", body="My answer."),
    ),
    Visit("member's page", "/members/{member}/", "forums/member.html"),
    Visit("search", "/search/?q=netsuite", "portal/search.html"),
    Visit("search, contact", "/search/?q=orders", "portal/search.html", "contact"),
    Visit("search, engineer", "/search/?q=orders&in=cases", "portal/search.html", "engineer"),
    Visit("search, nothing found", "/search/?q=xylophonezz", "portal/search.html"),
    Visit("search, empty", "/search/", "portal/search.html", "contact"),
    Visit("search everything of the community", "/search/?q=orders&in=community", "portal/search_community.html"),
    Visit("search in the community", "/forums/search/?q=orders", "forums/search.html"),
    Visit("Data Loader", "/data-loader/", "dataloader/landing.html"),
    Visit("Data Loader, topics", "/data-loader/topics/", "forums/home.html"),
    Visit("Data Loader, topic", "{loader_topic}", "forums/topic.html"),
    Visit("Data Loader, errors", "/data-loader/errors/", "dataloader/errors.html"),
    Visit("Data Loader, error", "/data-loader/errors/UNABLE_TO_LOCK_ROW/", "dataloader/error.html"),
    Visit("Data Loader, write", "/data-loader/ask/", "forums/ask.html", "member"),
]

MODERATION = [
    Visit("moderation", "/moderation/", "forums/moderation/queue.html", "moderator"),
    Visit(
        "moderation, decide",
        "/moderation/",
        "forums/moderation/review.html",
        "moderator",
        422,
        post("/moderation/reviews/{review}/decide/", act="hide", note="x" * 5000),
    ),
    Visit(
        "moderation, hide",
        "/moderation/",
        "forums/moderation/hide.html",
        "moderator",
        422,
        post("/moderation/posts/{others_post}/hide/", note="x" * 5000),
    ),
    Visit("moderation, trail", "/moderation/trail/", "forums/moderation/trail.html", "moderator"),
    Visit("moderation, member", "/moderation/members/{author}/", "forums/moderation/member.html", "moderator"),
]

STYLEGUIDE = [
    Visit(
        "style guide",
        "/styleguide/",
        "portal/styleguide/index.html",
        "engineer",
        # Samples stand beside each other: headings of other pages' heads, a breadcrumb trail after a breadcrumb trail.
        spared=("heading-order", "landmark-unique"),
    )
]

STATUS = [
    Visit("status", "/status/", "status/base.html", is_file=True),
    Visit("status on a phone", "/status/", "status/base.html", is_file=True, size=PHONE),
    Visit("status, history", "/status/history/", "status/base.html", is_file=True),
    Visit("status, month", "/status/history/{month}/", "status/base.html", is_file=True),
    Visit("status, incident", "/status/incidents/{incident}/", "status/base.html", is_file=True),
    Visit("status, past incident", "/status/incidents/{past_incident}/", "status/base.html", is_file=True),
    Visit("status, maintenance", "/status/incidents/{plan}/", "status/base.html", is_file=True),
    Visit("status, component", "/status/components/{component}/", "status/base.html", is_file=True),
    Visit("subscribe", "/status/subscribe/", "status/subscriptions/subscribe.html"),
    Visit("subscribe by webhook", "/status/subscribe/?by=webhook", "status/subscriptions/subscribe.html"),
    Visit("subscribe by feed", "/status/subscribe/?by=feeds", "status/subscriptions/subscribe.html"),
    Visit(
        "subscribe, with errors", "/status/subscribe/", "status/subscriptions/subscribe.html", status=422, act=send()
    ),
    Visit("subscribe, mail sent", "/status/subscribe/sent/", "status/subscriptions/sent.html"),
    Visit("subscription, confirm", "/status/subscriptions/confirm/{unconfirmed}/", "status/subscriptions/confirm.html"),
    Visit(
        "subscription, too late",
        "/status/subscriptions/confirm/nonsense/",
        "status/subscriptions/too_late.html",
        status=404,
    ),
    Visit("subscription", "/status/subscriptions/{subscriber}/", "status/subscriptions/manage.html"),
    Visit(
        "subscription, end", "/status/subscriptions/{subscriber}/unsubscribe/", "status/subscriptions/unsubscribe.html"
    ),
    Visit("subscription, ended", "/status/subscriptions/{ended_subscriber}/", "status/subscriptions/manage.html"),
]

CONSOLE = [
    Visit("console", "/status/manage/", "status/console/overview.html", "operator"),
    Visit("console, history", "/status/manage/history/", "status/console/history.html", "operator"),
    Visit("console, open an incident", "/status/manage/incidents/new/", "status/console/open.html", "operator"),
    Visit(
        "console, open with errors",
        "/status/manage/incidents/new/",
        "status/console/open.html",
        "operator",
        422,
        send(),
    ),
    Visit("console, past incident", "/status/manage/incidents/past/", "status/console/past.html", "operator"),
    Visit("console, incident", "/status/manage/incidents/{incident}/", "status/console/incident.html", "operator"),
    Visit("console, draft", "/status/manage/incidents/{draft}/", "status/console/incident.html", "operator"),
    Visit(
        "console, post update", "/status/manage/incidents/{incident}/update/", "status/console/update.html", "operator"
    ),
    Visit("console, edit", "/status/manage/incidents/{incident}/edit/", "status/console/edit.html", "operator"),
    Visit(
        "console, edit an update",
        "/status/manage/updates/{update}/edit/",
        "status/console/edit_update.html",
        "operator",
    ),
    Visit("console, maintenance", "/status/manage/maintenance/new/", "status/console/plan.html", "operator"),
    Visit("console, cancel", "/status/manage/incidents/{plan}/cancel/", "status/console/cancel.html", "operator"),
    Visit("console, components", "/status/manage/components/", "status/console/components.html", "operator"),
]

# Spared is what Django draws: its search is labelled by a picture with a text, its inlines have columns without a name.
ACCOUNTS_ADMIN = "/admin/accounts/account/{team}/"
ADMINISTRATION = [
    Visit("administration", "/admin/", "admin/index.html", "admin"),
    Visit("administration, CSM", "/admin/", "admin/index.html", "csm"),
    Visit(
        "administration, accounts",
        "/admin/accounts/account/",
        "admin/change_list.html",
        "admin",
        spared=("label-title-only",),
    ),
    Visit("administration, account", f"{ACCOUNTS_ADMIN}change/", "admin/accounts/account/change_form.html", "admin"),
    Visit(
        "administration, add a contact",
        f"{ACCOUNTS_ADMIN}contacts/add/",
        "admin/accounts/account/add_contact.html",
        "admin",
        act=send("#content form"),
    ),
    Visit(
        "administration, import contacts",
        f"{ACCOUNTS_ADMIN}contacts/import/",
        "admin/accounts/account/import_contacts.html",
        "admin",
        act=send("#content form"),
    ),
    Visit("administration, people", "/admin/accounts/user/", "admin/change_list.html", "admin"),
    Visit(
        "administration, person",
        "/admin/accounts/user/{person}/change/",
        "admin/accounts/user/change_form.html",
        "admin",
        spared=("empty-table-header",),
    ),
    Visit(
        "administration, erase a person",
        "/admin/accounts/user/",
        "admin/accounts/user/erase.html",
        "admin",
        act=post("/admin/accounts/user/", action="erase", _selected_action="{person}"),
    ),
    Visit(
        "administration, request to join",
        "/admin/accounts/contactrequest/{contact_request}/change/",
        "admin/accounts/contactrequest/change_form.html",
        "admin",
    ),
    Visit("administration, mails", "/admin/mails/", "admin/mails/list.html", "admin"),
    Visit("administration, a mail", "/admin/mails/cases.created/usual/", "admin/mails/mail.html", "admin"),
]

VISITS = [
    *ENTRANCE,
    *ERRORS,
    *ACCOUNT,
    *CASES,
    *DESK,
    *COMMUNITY,
    *MODERATION,
    *STYLEGUIDE,
    *STATUS,
    *CONSOLE,
    *ADMINISTRATION,
]

# Templates that extend the site's frame and are no page of their own.
FRAMES = {
    "account/base_reauthenticate.html",
    "admin/accounts/account/_page.html",
    "admin/base_site.html",
    "admin/mails/base.html",
    "allauth/layouts/base.html",
    "allauth/layouts/entrance.html",
    "allauth/layouts/manage.html",
    "dataloader/base.html",
    "forums/base.html",
    "forums/keeping.html",
    "forums/moderation/base.html",
    "forums/writing_base.html",
    "portal/_error.html",
    "portal/account.html",
    "status/console/base.html",
}
