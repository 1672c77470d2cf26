"""Settings of the benchmark: a portal as in production, on a database of its own that is kept between runs."""

from portal.settings.development import *  # noqa: F403 - a settings module is its names
from portal.settings.development import BASE_DIR, DATABASES, TEMPLATES, env

DEBUG = False
DEMO = False
DATABASES["default"]["NAME"] = env.str("BENCH_DATABASE", "portal_bench")
ROOT_URLCONF = "benchmarks.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "benchmarks" / "templates"]
ALLOWED_HOSTS = ["testserver"]
LOGGING["root"]["level"] = "WARNING"  # noqa: F405 - from base
