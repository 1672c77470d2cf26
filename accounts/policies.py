"""May this person do this to accounts and contacts? The one place that views, templates, admin and tasks ask."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _l

from accounts.models import Account, Contact, User
from lib.decisions import ALLOWED, Decision, allowed_if, denied

Someone = User | AnonymousUser


def contact_of(user: Someone, account: Account) -> Contact | None:
    """Return the person's present membership of ``account``, from the request's one query."""
    if not isinstance(user, User):
        return None
    return next((contact for contact in user.active_contacts if contact.account_id == account.pk), None)


def looks_after(user: User, account: Account) -> bool:
    """Say whether ``user`` is the CSM or sales representative of ``account``."""
    return user.pk in (account.csm_id, account.sales_representative_id)


def is_customer(user: Someone) -> bool:
    """Say whether the person is a contact of any account now."""
    return isinstance(user, User) and bool(user.active_contacts)


def manage_contacts(user: Someone, account: Account) -> Decision:
    """Adding, authorizing, ending and restoring contacts: the account's CSM or an administrator."""
    if not isinstance(user, User):
        return denied(_l("Sign in first."))
    if user.is_superuser:
        return ALLOWED
    return allowed_if(
        user.has_perm("accounts.manage_contacts") and looks_after(user, account),
        _l("Only this account's CSM or an administrator manages its contacts."),
    )


def manage_team(user: Someone, account: Account) -> Decision:
    """Inviting colleagues and ending their access from the customer's side: the account's admins."""
    contact = contact_of(user, account)
    return allowed_if(
        contact is not None and contact.is_account_admin, _l("Only an admin of your account manages the team.")
    )


def end_colleague(user: Someone, contact: Contact) -> Decision:
    """An account admin ends a colleague, never themselves: the last admin would lock the team out."""
    if isinstance(user, User) and contact.user_id == user.pk:
        return denied(_l("You cannot end your own access. Ask your CSM."))
    return manage_team(user, contact.account)


def end_access(user: Someone, contact: Contact) -> Decision:
    """End a membership: whoever manages the account's contacts, or an account admin a colleague's."""
    decision = manage_contacts(user, contact.account)
    return decision or end_colleague(user, contact)


def manage_invitation(user: Someone, account: Account) -> Decision:
    """Sending again and withdrawing invitations: whoever manages the account's contacts, and its own admins."""
    return manage_contacts(user, account) or manage_team(user, account)


def decide_contact_request(user: Someone) -> Decision:
    """Granting and refusing requests to become a contact: CSMs and administrators."""
    return allowed_if(
        isinstance(user, User) and user.has_perm("accounts.manage_contacts"),
        _l("Only CSMs and administrators decide on requests."),
    )


def manage_people(user: Someone) -> Decision:
    """Creating sign-ins, giving roles, removing second factors: administrators."""
    return allowed_if(isinstance(user, User) and user.is_superuser, _l("Only an administrator manages sign-ins."))


def deactivate(user: Someone, person: User) -> Decision:
    """Switching a sign-in off: an administrator, never their own."""
    if isinstance(user, User) and user.pk == person.pk:
        return denied(_l("You cannot switch off your own sign-in."))
    return manage_people(user)


def erase(user: Someone, person: User) -> Decision:
    """Erasing a person: an administrator, never themselves."""
    if isinstance(user, User) and user.pk == person.pk:
        return denied(_l("You cannot erase yourself. Ask another administrator."))
    return manage_people(user)


def manage_api_tokens(user: Someone) -> Decision:
    """Making and withdrawing tokens of the API: administrators."""
    return allowed_if(isinstance(user, User) and user.is_superuser, _l("Only an administrator manages API tokens."))


def use_api(owner: User) -> Decision:
    """Acting through a token: as long as its owner could sign in. What they may do is each act's own question."""
    return allowed_if(owner.is_active and owner.erased_at is None, _l("This person's sign-in is off."))
