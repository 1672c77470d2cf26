"""The ASGI entry point: production settings unless told otherwise."""

import os

from portal import handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

application = handler.asgi_application()
