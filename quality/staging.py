"""``python -m quality.staging``: sessions, and the addresses of pages, as JSON.

The demo has most of what there is to see. What it lacks is made here once: an alert that nobody has acknowledged, a
draft of an incident, people who have nothing yet. Run it where the portal runs, with the same environment.
"""

import json
import os
import sys

import django


def main() -> int:
    """Print what the browser needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quality.settings")
    django.setup()
    from accounts.models import User
    from quality import newcomers, people, places

    sessions = {
        role: people.session_of(User.objects.get(email=address))
        for role, address in {**people.ROLES, **newcomers.make()}.items()
    }
    json.dump({"sessions": sessions, "places": places.find()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
