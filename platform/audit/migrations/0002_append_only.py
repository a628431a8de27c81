"""The log can be added to and linked once; it cannot be changed or emptied.

Triggers, not privileges: they also stop the table's owner, unless he takes them off first, which
`audit_verify` then finds by the chain. TRUNCATE has a trigger of its own, for row triggers do not
see it (the test runner lifts that one, to empty tables between tests).
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_event is append-only: % refused', TG_OP USING ERRCODE = '42501';
END $$;

CREATE FUNCTION audit_link_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unlinked audit_event := NEW;
BEGIN
    unlinked.seq := NULL;
    unlinked.previous_hash := NULL;
    unlinked.hash := NULL;
    IF OLD.seq IS NOT NULL OR NEW.seq IS NULL OR unlinked IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'audit_event is append-only: UPDATE refused' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;

-- A row that arrives linked would skip the chain's lock.
CREATE FUNCTION audit_arrive_unlinked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq IS NOT NULL THEN
        RAISE EXCEPTION 'audit_event is linked by audit.chain only' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_event_insert BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_arrive_unlinked();
CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_link_once();
CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_event_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""

DROP = """
DROP TRIGGER audit_event_truncate ON audit_event;
DROP TRIGGER audit_event_delete ON audit_event;
DROP TRIGGER audit_event_update ON audit_event;
DROP TRIGGER audit_event_insert ON audit_event;
DROP FUNCTION audit_arrive_unlinked();
DROP FUNCTION audit_link_once();
DROP FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
