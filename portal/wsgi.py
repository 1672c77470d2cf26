"""The WSGI entry point: production settings unless told otherwise."""

import gc
import os

from portal import handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

application = handler.application()

# The loaded program stays: without this, the collector walks through all of it while a page is made, which takes a
# fifth of a long page's time. docs/performance.md says how that was measured.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
