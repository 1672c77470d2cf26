"""Events are only ever added: the database refuses to change or remove one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION cases_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case events are append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER cases_event_append_only BEFORE UPDATE OR DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION cases_event_is_append_only();
"""
BACKWARD = """
DROP TRIGGER cases_event_append_only ON cases_caseevent;
DROP FUNCTION cases_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
