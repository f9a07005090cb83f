-- The ledger: which event is which leaf, tiles of hashes, signed checkpoints, and who outside took note of them.
-- Written by the sealer alone; nothing is changed or deleted, except that the last tile of a level fills up.
CREATE TABLE compliance_leaf (place bigint PRIMARY KEY CHECK (place >= 0), event_id bigint NOT NULL UNIQUE);
CREATE TABLE compliance_tile (
    level smallint NOT NULL CHECK (level >= 0),
    place bigint NOT NULL CHECK (place >= 0),
    hashes bytea NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, place)
);
CREATE TABLE compliance_checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    signed_at timestamptz NOT NULL,
    below xid8 NOT NULL,
    note text NOT NULL
);
CREATE TABLE compliance_anchor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size bigint NOT NULL REFERENCES compliance_checkpoint (size),
    keeper text NOT NULL,
    anchored_at timestamptz NOT NULL,
    said text NOT NULL,
    UNIQUE (size, keeper)
);
-- What guards the trail, as it was signed at a release.
CREATE TABLE compliance_fingerprint (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    signed_at timestamptz NOT NULL,
    lines text NOT NULL,
    note text NOT NULL
);
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['compliance_leaf', 'compliance_tile', 'compliance_checkpoint', 'compliance_anchor',
                                'compliance_fingerprint'] LOOP
        IF kept <> 'compliance_tile' THEN
            EXECUTE format('CREATE TRIGGER steward_append_only BEFORE UPDATE OR DELETE ON %s '
                           'FOR EACH ROW EXECUTE FUNCTION steward_refuse()', kept);
            EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER steward_append_only', kept);
        END IF;
        EXECUTE format('CREATE TRIGGER steward_no_truncate BEFORE TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION steward_refuse()', kept);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER steward_no_truncate', kept);
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', kept);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', kept);
        EXECUTE format('CREATE POLICY sealing ON %s TO steward_sealer USING (true) WITH CHECK (true)', kept);
        EXECUTE format('CREATE POLICY select_ledger ON %s FOR SELECT TO steward_app '
                       'USING ((SELECT steward_role()) IN (''compliance'', ''auditor'', ''system''))', kept);
        EXECUTE format('REVOKE ALL ON %s FROM steward_app', kept);
        EXECUTE format('GRANT SELECT ON %s TO steward_app', kept);
        EXECUTE format('GRANT SELECT, INSERT ON %s TO steward_sealer', kept);
        EXECUTE format('ALTER TABLE %s OWNER TO steward_trail', kept);
    END LOOP;
END $$;
GRANT UPDATE ON compliance_tile TO steward_sealer;
