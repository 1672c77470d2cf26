"""The moderation trail is only ever added to: the database refuses to change or remove a row."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION forums_trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the moderation trail is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER forums_trail_append_only BEFORE UPDATE OR DELETE ON forums_moderationevent
    FOR EACH ROW EXECUTE FUNCTION forums_trail_is_append_only();
"""
BACKWARD = """
DROP TRIGGER forums_trail_append_only ON forums_moderationevent;
DROP FUNCTION forums_trail_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("forums", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
