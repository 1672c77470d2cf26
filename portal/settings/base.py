"""What every environment shares. docs/configuration.md lists the variables."""

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF
from environs import Env

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
PORTAL_HOME = Path(env.str("PORTAL_HOME", str(BASE_DIR / "var"))).resolve()
PORT = env.int("PORT", 8000)

# --- Identity -------------------------------------------------------------------------------------------------
# Absolute links come from here, never from the Host header, which a client may forge.
PORTAL_URL = env.str("PORTAL_URL", f"http://localhost:{PORT}").rstrip("/")
STATUS_URL = env.str("STATUS_URL", f"{PORTAL_URL}/status").rstrip("/")
PORTAL_NAME = env.str("PORTAL_NAME", "Harbor Support")
PORTAL_VENDOR = env.str("PORTAL_VENDOR", "Harbor")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{PORTAL_NAME} <support@portal.example>")
PORTAL_BRAND_COLOR = env.str("PORTAL_BRAND_COLOR", "").strip()
PORTAL_BRAND_COLOR_DARK = env.str("PORTAL_BRAND_COLOR_DARK", "").strip()
PORTAL_LOGO = env.str("PORTAL_LOGO", "")
PORTAL_LOGO_DARK = env.str("PORTAL_LOGO_DARK", "")
PORTAL_LOGO_SHOWS_NAME = env.bool("PORTAL_LOGO_SHOWS_NAME", False)
PORTAL_FAVICON = env.str("PORTAL_FAVICON", "")
PORTAL_FOOTER_LINKS = env.str("PORTAL_FOOTER_LINKS", "")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
DEMO = False

# --- Applications ---------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "accounts.admin_config.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "portal",
    "bridges",
    "dataloader",
    "cases",
    "forums",
    "status",
    "notifications",
    "files",
    "accounts",
]

MIDDLEWARE = [
    "portal.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.brand.BrandMiddleware",
    "csp.middleware.CSPMiddleware",
    # Before all that needs a database or a cache: it answers when both are gone.
    "status.middleware.SnapshotMiddleware",
    # Before whatever may refuse a request in words. It asks the cookie and the browser; the profile follows below.
    "django.middleware.locale.LocaleMiddleware",
    # A file switches everything off but health, static files and the published status.
    "portal.middleware.MaintenanceMiddleware",
    # While the database is away, what needs it gives its thread back at once.
    "portal.fuse.FuseMiddleware",
    "portal.middleware.BodyLimitMiddleware",
    # Outside of all that decides who may keep a page: private ones are no-store by then, and get no validator.
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.PrivatePagesMiddleware",
    "accounts.middleware.PersonalTimeZoneMiddleware",
    "accounts.middleware.StaffMfaMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
ASGI_APPLICATION = "portal.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.site",
            ],
            "builtins": [
                "portal.templatetags.portal",
                "portal.templatetags.form_parts",
                "portal.templatetags.status_look",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORM_RENDERER = "lib.forms.Renderer"

# --- Data -----------------------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_OPTIONS: dict[str, Any] = {
    # One pool per web or worker process; docs/operations.md says how to size it against max_connections.
    "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", 8), "timeout": 3},
}

REDIS_OPTIONS: dict[str, Any] = {
    # Redis is a convenience: a request never waits longer than this for it.
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
}


def caches(redis_url: str) -> dict[str, dict[str, Any]]:
    """The cache fails open on a lost Redis; counters that guard sign-in go to the database meanwhile."""
    return {
        "default": {
            "BACKEND": "lib.cache.FailOpenRedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "portal",
            "OPTIONS": {**REDIS_OPTIONS, "fallback": "limits", "fallback_prefixes": ["allauth:", "allauth."]},
        },
        "limits": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "accounts_limit_counter",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        },
    }


SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- Sign-in --------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# The e-mail is unique regardless of capitals, by a constraint that the check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.passkey_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.passkey_forms.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PORTAL_NAME
# Staff see customers' private cases: production asks them for a second factor.
STAFF_MFA_REQUIRED = False
INVITATION_DAYS = env.int("INVITATION_DAYS", 14)

# --- Language and time ----------------------------------------------------------------------------------------
# docs/languages.md says how one is chosen, and how to add one. Each is named as its readers name it.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("pt-br", "Português (Brasil)"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "portal_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static and uploaded files --------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.staticfiles.BundleFinder",
]
BUNDLES_DIR = PORTAL_HOME / "bundles"


def storages(*, hashed_static: bool) -> dict[str, dict[str, Any]]:
    """Uploads live on the local disk, or in S3-compatible storage when ``UPLOADS_S3_BUCKET`` is set."""
    static = (
        "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if hashed_static
        else ("django.contrib.staticfiles.storage.StaticFilesStorage")
    )
    bucket = env.str("UPLOADS_S3_BUCKET", "")
    uploads: dict[str, Any] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(PORTAL_HOME / "uploads"), "base_url": None, "file_permissions_mode": 0o600},
    }
    if bucket:
        uploads = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": env.str("UPLOADS_S3_ENDPOINT", None),
                "region_name": env.str("UPLOADS_S3_REGION", None),
                "default_acl": "private",
                "querystring_auth": True,
                "file_overwrite": False,
            },
        }
    return {"default": uploads, "uploads": uploads, "staticfiles": {"BACKEND": static}}


UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 25 * 1024 * 1024)
UPLOAD_MAX_FILES = env.int("UPLOAD_MAX_FILES", 10)
UPLOAD_STAGED_HOURS = 24
# Fields other than files. Above it Django refuses the request, so that no form can be made to eat memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
# The status console sends a box and a status for each of some five hundred components.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
# More than a form keeps: who chose too many is told so by the form, which has all that they typed.
DATA_UPLOAD_MAX_NUMBER_FILES = 10 * UPLOAD_MAX_FILES
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Safety ---------------------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # data: for the TOTP code's QR image and for Bootstrap's icons inside its stylesheet.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Support --------------------------------------------------------------------------------------------------
# First-response targets of plans with business-hours cover count these hours, in this zone.
BUSINESS_TIME_ZONE = env.str("BUSINESS_TIME_ZONE", "America/New_York")
BUSINESS_DAYS = (0, 1, 2, 3, 4)  # Monday is 0
BUSINESS_HOURS = (9, 17)
PRODUCTION_DOWN_PHRASES = env.list("PRODUCTION_DOWN_PHRASES", ["production down"])
CASE_REOPEN_DAYS = 14
# A solution that nobody answers for this long closes the case; a reply reopens it.
CASE_AUTO_CLOSE_DAYS = 10
CASE_SEARCH_CONFIG = "english"

# --- Community ------------------------------------------------------------------------------------------------
# Communities with an address of their own: slug to URL namespace. Every other lives at /communities/<slug>/.
COMMUNITY_MOUNTS = {"community": "forums", "data-loader": "dataloader"}

# --- Status ---------------------------------------------------------------------------------------------------
# The public status as files. Set it to a place that nginx may read when nginx is to serve it (docs/operations.md).
STATUS_SNAPSHOT_DIR = Path(env.str("STATUS_SNAPSHOT_DIR", str(PORTAL_HOME / "status"))).resolve()
# A snapshot that nobody has renewed for so long says that the state is unknown.
STATUS_STALE_SECONDS = env.int("STATUS_STALE_SECONDS", 600)
# Where the page's days and months begin and end.
STATUS_TIME_ZONE = env.str("STATUS_TIME_ZONE", "UTC")
# The page's id in the read API: twelve of a to z and 0 to 9; empty: made from STATUS_URL.
STATUS_PAGE_ID = env.str("STATUS_PAGE_ID", "")

# --- Webhooks -------------------------------------------------------------------------------------------------
# Endpoints in a private network are refused, but for these host names (an on-premises alarm system, say).
WEBHOOK_ALLOWED_HOSTS: list[str] = env.list("WEBHOOK_ALLOWED_HOSTS", [])

# --- Celery ---------------------------------------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 14 * 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "visibility_timeout": 3600,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "notifications.deliver_due": {"task": "notifications.tasks.deliver_due", "schedule": 15.0},
    "notifications.expand_audiences": {"task": "notifications.tasks.expand_audiences", "schedule": 60.0},
    "cases.advance_alerts": {"task": "cases.tasks.advance_due_alerts", "schedule": 15.0},
    "cases.close_solved": {"task": "cases.tasks.close_solved_cases", "schedule": crontab(minute="17")},
    "cases.sweep_drafts": {"task": "cases.tasks.sweep_drafts", "schedule": crontab(hour="4", minute="19")},
    "files.sweep_staged": {"task": "files.tasks.sweep_staged", "schedule": crontab(minute="41")},
    "forums.finish_clean_ups": {"task": "forums.tasks.finish_clean_ups", "schedule": 300.0},
    "forums.write_standings": {"task": "forums.tasks.write_standings", "schedule": crontab(minute="23")},
    "forums.write_activity": {"task": "forums.tasks.write_activity", "schedule": crontab(minute="53")},
    "forums.recount_members": {"task": "forums.tasks.recount_members", "schedule": crontab(hour="3", minute="31")},
    "forums.recount_topics": {"task": "forums.tasks.recount_topics", "schedule": crontab(hour="3", minute="43")},
    "forums.search_refresh": {"task": "forums.tasks.search_refresh", "schedule": 600.0},
    "forums.search_rebuild": {"task": "forums.tasks.search_rebuild", "schedule": 60.0},
    "forums.sweep": {"task": "forums.tasks.sweep", "schedule": crontab(hour="4", minute="11")},
    "status.publish_due": {"task": "status.tasks.publish_due", "schedule": 10.0},
    "status.renew": {"task": "status.tasks.renew", "schedule": 60.0},
    "status.keep_plans": {"task": "status.tasks.keep_plans", "schedule": 15.0},
    "status.roll_up": {"task": "status.tasks.roll_up", "schedule": crontab(minute="7")},
    # A lost or late message is of no use: the next asks what is due as well.
    "status.run_due_probes": {"task": "status.probe_tasks.run_due_probes", "schedule": 10.0},
    "status.sweep_automation": {"task": "status.probe_tasks.sweep_automation", "schedule": crontab(minute="29")},
    "status.sweep_snapshot": {"task": "status.tasks.sweep_snapshot", "schedule": crontab(minute="*/10")},
    "status.sweep_subscribers": {"task": "status.tasks.sweep_subscribers", "schedule": crontab(minute="29")},
    "accounts.clear_sessions": {"task": "accounts.tasks.clear_expired", "schedule": crontab(hour="3", minute="7")},
}


def broker_url(redis_url: str) -> str:
    """The same Redis in Celery's spelling: a socket address is ``redis+socket://`` there."""
    if redis_url.startswith("unix://"):
        path, _sep, query = redis_url.removeprefix("unix://").partition("?")
        number = dict(part.split("=", 1) for part in query.split("&") if "=" in part).get("db", "0")
        return f"redis+socket://{path}?virtual_host={number}"
    return redis_url


# --- Logging --------------------------------------------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
