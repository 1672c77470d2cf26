"""Development and demo: works with nothing set, on the private servers that ``make run`` starts."""

from pathlib import Path

from portal import local_servers
from portal.settings.base import *  # noqa: F403 - a settings module is its names
from portal.settings.base import (
    DATABASE_OPTIONS,
    PORT,
    PORTAL_HOME,
    broker_url,
    caches,
    env,
    storages,
)

DEBUG = env.bool("DEBUG", False)
DEMO = True
DEMO_PASSWORD = env.str("PORTAL_DEMO_PASSWORD", "explore-the-portal")
SECRET_KEY = env.str("SECRET_KEY", "development-only-and-known-to-everybody")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])

DATABASES = {"default": env.dj_db_url("DATABASE_URL", local_servers.database_url(PORTAL_HOME))}
DATABASES["default"]["OPTIONS"] = {**DATABASES["default"].get("OPTIONS", {}), **DATABASE_OPTIONS}
# A connection that died with its server is replaced, not handed to a request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A short list of choices is read in one round trip instead of three; a pooler between may work by transaction.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
REDIS_URL = env.str("REDIS_URL", local_servers.redis_url(PORTAL_HOME))
CACHES = caches(REDIS_URL)
CELERY_BROKER_URL = broker_url(REDIS_URL)

# Mails become .eml files that any mail program opens, unless EMAIL_URL names a server.
EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(env.dj_email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "notifications.eml.EmlFileBackend"
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = PORTAL_HOME / "mail"

STORAGES = storages(hashed_static=False)
STATIC_ROOT = None  # files are found where they are; only production collects them
WHITENOISE_USE_FINDERS = True
# A style sheet that is edited while the portal runs is served as it is now.
WHITENOISE_AUTOREFRESH = True

# Cookies know no port: two portals on one machine would sign each other out.
SESSION_COOKIE_NAME = f"portal_session_{PORT}"
CSRF_COOKIE_NAME = f"portal_csrf_{PORT}"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

# A made-up language that shows what is not translated and what does not bear right-to-left: docs/languages.md.
PSEUDO_LOCALE = env.str("PSEUDO_LOCALE", "")
if PSEUDO_LOCALE:
    LANGUAGES = [*LANGUAGES, ("ar-xb", "[Pseudo]")]  # noqa: F405 - from base
    LOCALE_PATHS = [*LOCALE_PATHS, Path(PSEUDO_LOCALE)]  # noqa: F405 - from base
