"""Settings of a portal that is looked at by a browser: files as production sends them, people and data of the demo."""

from whitenoise.compress import Compressor

from portal.settings.development import *  # noqa: F403 - a settings module is its names
from portal.settings.development import MIDDLEWARE, PORTAL_HOME, storages

DEBUG = False
STORAGES = storages(hashed_static=True)
STATIC_ROOT = PORTAL_HOME / "static"
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False
ROOT_URLCONF = "quality.urls"
MIDDLEWARE = ["quality.naming.TemplateNamesMiddleware", *MIDDLEWARE]
# What only a debugger asks for is as large as all the rest, and compressing it takes as long.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
