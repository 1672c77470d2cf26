"""The people a demo's visitor may sign in as, all with the same password. The demo data makes them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One of them, and what signing in as them shows."""

    email: str
    name: str
    role: str

    def __str__(self) -> str:
        return self.name


DEMO_SIGN_INS: tuple[DemoSignIn, ...] = (
    DemoSignIn("contact@acme.example", "Maya Fernandez", "Authorized contact and account admin of Acme, Enterprise"),
    DemoSignIn("colleague@acme.example", "Jonas Weber", "Contact of Acme, not authorized yet"),
    DemoSignIn("contact@globex.example", "Tom Becker", "Authorized contact of Globex, Standard"),
    DemoSignIn("contact@initech.example", "Priya Nair", "Contact of Initech, supported by a partner (BMC)"),
    DemoSignIn("member@community.example", "Sam Rivers", "Member without a customer account"),
    DemoSignIn("engineer@portal.example", "Erik Lindqvist", "Support engineer: the desk"),
    DemoSignIn("manager@portal.example", "Amara Diallo", "Support manager"),
    DemoSignIn("csm@portal.example", "Carla Osei", "CSM of Acme and Globex"),
    DemoSignIn("moderator@portal.example", "Lena Novak", "Moderator"),
    DemoSignIn("operator@portal.example", "Hiro Tanaka", "Status operator"),
    DemoSignIn("admin@portal.example", "Ruth Adeyemi", "Administrator"),
)
