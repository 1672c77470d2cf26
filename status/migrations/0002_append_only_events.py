"""Events are only ever added: the database refuses to change or remove one. And the one row of the publication."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION status_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'status events are append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER status_event_append_only BEFORE UPDATE OR DELETE ON status_statusevent
    FOR EACH ROW EXECUTE FUNCTION status_event_is_append_only();
INSERT INTO status_publication (id, version, changed_at) VALUES (1, 1, now()) ON CONFLICT DO NOTHING;
"""
BACKWARD = """
DROP TRIGGER status_event_append_only ON status_statusevent;
DROP FUNCTION status_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("status", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
