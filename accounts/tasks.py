"""Housekeeping."""

from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone


@shared_task(name="accounts.tasks.clear_expired")
def clear_expired() -> None:
    """Delete sessions and sign-in counters whose time is over. Idempotent."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    table = connection.ops.quote_name(settings.CACHES["limits"]["LOCATION"])
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608 - a name from settings
