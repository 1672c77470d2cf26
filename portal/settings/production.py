"""Production: refuses to start on a missing secret or server, naming the variable."""

import structlog
from django.core.exceptions import ImproperlyConfigured

from portal.settings.base import *  # noqa: F403 - a settings module is its names
from portal.settings.base import DATABASE_OPTIONS, PORTAL_URL, broker_url, caches, env, storages

_missing = [
    name
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL")
    if not env.str(name, "").strip()
]
if _missing:
    raise ImproperlyConfigured(
        f"Set {', '.join(_missing)}: production starts only when each is set (docs/configuration.md)."
    )

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS")
DATABASES = {"default": env.dj_db_url("DATABASE_URL")}
DATABASES["default"]["OPTIONS"] = {**DATABASES["default"].get("OPTIONS", {}), **DATABASE_OPTIONS}
# A connection that died with its server is replaced, not handed to a request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A short list of choices is read in one round trip instead of three; a pooler between may work by transaction.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
REDIS_URL = env.str("REDIS_URL")
CACHES = caches(REDIS_URL)
CELERY_BROKER_URL = broker_url(REDIS_URL)
vars().update(env.dj_email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 20
STORAGES = storages(hashed_static=True)

CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [PORTAL_URL])
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-portal_session"
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-portal_csrf"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", True)
if env.bool("BEHIND_TLS_PROXY", True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1)
STAFF_MFA_REQUIRED = True

# One JSON object a line: what a log collector wants.
LOGGING = {
    **LOGGING,  # noqa: F405 - from base
    "formatters": {
        "plain": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        }
    },
}
