"""The table of sign-in limits while Redis is away, and an audit trail that nobody rewrites."""

from django.db import migrations

# What createcachetable would make. The counters are worth nothing after a crash: UNLOGGED spares the write-ahead log.
CREATE_COUNTERS = """
CREATE UNLOGGED TABLE accounts_limit_counter (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX accounts_limit_counter_expires ON accounts_limit_counter (expires);
"""

# TRUNCATE stays possible: it is how tests empty their database, and no application code issues it.
APPEND_ONLY = """
CREATE FUNCTION accounts_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER auditevent_append_only BEFORE UPDATE OR DELETE ON accounts_auditevent
FOR EACH ROW EXECUTE FUNCTION accounts_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_more_audit_acts")]

    operations = [
        migrations.RunSQL(CREATE_COUNTERS, "DROP TABLE accounts_limit_counter"),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER auditevent_append_only ON accounts_auditevent; DROP FUNCTION accounts_refuse_rewriting()",
        ),
    ]
