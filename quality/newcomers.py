"""People whom the demo does not have: with nothing yet, without a password, with second factors."""

from collections.abc import Callable, Mapping

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.models import Account, Contact, User

PASSWORD = "explore-the-portal"  # noqa: S105 - the demo's, known to everybody


def make() -> Mapping[str, str]:
    """Make those who are not there yet; return the address of each by their role."""
    equipped: dict[str, Callable[[User], None]] = {
        "newcomer": lambda _user: None,
        "passwordless": lambda user: user.set_unusable_password(),
        "locked": _locked,
        "secured": _secured,
        "new_contact": lambda user: _contact_of(user, "Kestrel Foods"),
        "unverified": lambda user: _contact_of(user, "Acme"),
        "contact_of_two": lambda user: _contact_of(user, "Kestrel Foods", "Umbra Logistics"),
    }
    addresses = {role: f"{role.replace('_', '.')}@quality.example" for role in equipped}
    for role, address in addresses.items():
        if User.objects.filter(email=address).exists():
            continue
        user = User.objects.create_user(address, PASSWORD, display_name=role.replace("_", " ").title())
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
        equipped[role](user)
        user.save()
    return addresses


def _locked(user: User) -> None:
    TOTP.activate(user, generate_totp_secret())


def _secured(user: User) -> None:
    _locked(user)
    RecoveryCodes.activate(user)
    credential = {"clientExtensionResults": {"credProps": {"rk": True}}}
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": credential}
    )


def _contact_of(user: User, *names: str) -> None:
    for account in Account.objects.filter(name__in=names):
        Contact.objects.create(user=user, account=account, is_account_admin=len(names) > 1)
