"""The Celery application.

PostgreSQL holds the truth and Redis only nudges: every task takes ids, may run twice, and is found again by a
beat sweep when its message is lost.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="probe_tasks")
