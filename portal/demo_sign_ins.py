"""Who can sign in to a demo: shown by ``make run`` and offered on the sign-in page."""

DEMO_SIGN_INS: tuple[tuple[str, str], ...] = (
    ("contact@acme.example", "authorized contact and account admin of Acme, Enterprise"),
    ("colleague@acme.example", "contact of Acme, not authorized"),
    ("contact@globex.example", "authorized contact of Globex, Standard"),
    ("contact@initech.example", "contact of Initech, a BMC partner account"),
    ("member@community.example", "member without account"),
    ("engineer@portal.example", "support engineer"),
    ("manager@portal.example", "support manager"),
    ("csm@portal.example", "CSM of Acme and Globex"),
    ("moderator@portal.example", "moderator"),
    ("operator@portal.example", "status operator"),
    ("admin@portal.example", "administrator"),
)
