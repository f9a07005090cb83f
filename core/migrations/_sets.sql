-- Evidence by statement: one call writes the events of all rows that a statement touched, one event a row, in their
-- order. The triggers stay ENABLE ALWAYS; a bulk write costs a fraction of a call per row.

-- The personal values behind an event's commitments, one row an event: {path: [salt in hex, value]}.
CREATE TABLE core_auditsecret (event_id bigint PRIMARY KEY, client_id bigint, secrets jsonb NOT NULL);
INSERT INTO core_auditsecret
    SELECT event_id, client_id, jsonb_object_agg(path, jsonb_build_array(encode(salt, 'hex'), value))
    FROM core_auditvalue GROUP BY event_id, client_id;
DROP TABLE core_auditvalue;
ALTER TABLE core_auditsecret RENAME TO core_auditvalue;
ALTER INDEX core_auditsecret_pkey RENAME TO core_auditvalue_pkey;
CREATE INDEX auditvalue_client ON core_auditvalue (client_id);
CREATE TRIGGER steward_no_truncate BEFORE TRUNCATE ON core_auditvalue FOR EACH STATEMENT EXECUTE FUNCTION steward_refuse();
ALTER TABLE core_auditvalue ENABLE ALWAYS TRIGGER steward_no_truncate;
ALTER TABLE core_auditvalue ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_auditvalue FORCE ROW LEVEL SECURITY;
CREATE POLICY trail_write ON core_auditvalue TO steward_trail USING (true) WITH CHECK (true);
CREATE POLICY read_with_event ON core_auditvalue FOR SELECT TO steward_app
    USING ((SELECT steward_role()) IN ('compliance', 'system'));
ALTER TABLE core_auditvalue OWNER TO steward_trail;
REVOKE ALL ON core_auditvalue FROM steward_app;
GRANT SELECT ON core_auditvalue TO steward_app;

-- The primary key answers what this index did.
DROP INDEX auditevent_id;

-- The checked parts of the context, read once for a statement: actor, behalf, expiry, request. NULL without one.
CREATE FUNCTION steward_claims() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN public.steward_claim(1) IS NOT NULL
        THEN string_to_array(current_setting('steward.context', true), '.') END
$$;
ALTER FUNCTION steward_claims() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_claims() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_claims() TO steward_trail;

