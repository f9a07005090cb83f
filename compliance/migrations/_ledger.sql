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

-- Each row against the last that the trail says of it; ids and words only, for who may read the whole trail. Definer's
-- rights of the owner, because no single person may see every table.
CREATE FUNCTION steward_compare(captured regclass, most int) RETURNS TABLE (row_id bigint, words text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    last bigint;
    since bigint := 0;
    found bigint := 0;
    counted bigint;
BEGIN
    IF coalesce(steward_role(), '') NOT IN ('compliance', 'system') OR NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = captured AND tgname LIKE 'steward\_capture\_%') THEN
        RAISE EXCEPTION 'not for you' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT greatest(coalesce(max(id), 0), (SELECT coalesce(max(row_id), 0) FROM core_auditevent '
                   'WHERE table_name = $1)) FROM %s', captured) INTO last USING captured::text;
    WHILE since < last AND found < most LOOP
        RETURN QUERY EXECUTE format($compare$
    WITH told AS MATERIALIZED (
        SELECT id, row_id, verb, body -> 'data' AS data FROM core_auditevent
        WHERE table_name = $1 AND row_id > $2 AND row_id <= $3 AND verb LIKE 'row:%%'
    ), last AS (
        SELECT DISTINCT ON (row_id) row_id, verb FROM told ORDER BY row_id, id DESC
    ), said AS (
        SELECT DISTINCT ON (t.row_id, d.key) t.row_id, t.id AS event, d.key,
               CASE t.verb WHEN 'row:update' THEN d.value -> 1 ELSE d.value END AS value,
               CASE t.verb WHEN 'row:update' THEN d.key || '.1' ELSE d.key END AS path
        FROM told t, jsonb_each(t.data) d WHERE t.verb <> 'row:delete' ORDER BY t.row_id, d.key, t.id DESC
    ), kept AS MATERIALIZED (
        SELECT x.id AS row_id, to_jsonb(x) AS data FROM %1$s x WHERE x.id > $2 AND x.id <= $3
    )
    SELECT row_id, CASE WHEN k.data IS NULL THEN 'was removed' WHEN l.verb IS NULL THEN 'was added'
                        ELSE 'stands again' END || ' without the trail'
    FROM kept k FULL JOIN last l USING (row_id)
    WHERE k.data IS NULL AND l.verb <> 'row:delete' OR l.verb IS NULL OR k.data IS NOT NULL AND l.verb = 'row:delete'
    UNION ALL
    SELECT s.row_id, s.key || ' is not what the trail said last'
    FROM said s JOIN kept k USING (row_id) LEFT JOIN core_auditvalue v ON v.event_id = s.event
    WHERE k.data ? s.key AND CASE
        WHEN jsonb_typeof(s.value) = 'object' AND s.value ? 'sha256' THEN v.secrets ? s.path AND s.value ->> 'sha256'
            IS DISTINCT FROM encode(sha256(decode(v.secrets -> s.path ->> 0, 'hex')
                                           || convert_to(k.data ->> s.key, 'UTF8')), 'hex')
        ELSE k.data -> s.key IS DISTINCT FROM s.value END
    ORDER BY 1$compare$, captured) USING captured::text, since, since + 5000;
        GET DIAGNOSTICS counted = ROW_COUNT;
        found := found + counted;
        since := since + 5000;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION steward_compare(regclass, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_compare(regclass, int) TO steward_app;
