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
    DemoSignIn("contact@acme.example", "Dana Reyes", "Authorized contact and account admin of Acme, Enterprise"),
    DemoSignIn("colleague@acme.example", "Sam Whitfield", "Contact of Acme, not authorized yet"),
    DemoSignIn("contact@globex.example", "Priya Nair", "Authorized contact of Globex, Standard"),
    DemoSignIn("contact@initech.example", "Peter Gibbons", "Contact of Initech, supported by a partner (BMC)"),
    DemoSignIn("member@community.example", "Mel Carter", "Member without a customer account"),
    DemoSignIn("engineer@portal.example", "Erik Lind", "Support engineer: the desk"),
    DemoSignIn("manager@portal.example", "Maria Rossi", "Support manager"),
    DemoSignIn("csm@portal.example", "Carla Mendes", "CSM of Acme and Globex"),
    DemoSignIn("moderator@portal.example", "Moses Adeyemi", "Moderator"),
    DemoSignIn("operator@portal.example", "Olga Petrova", "Status operator"),
    DemoSignIn("admin@portal.example", "Ada Novak", "Administrator"),
)
