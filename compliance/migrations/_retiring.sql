-- Whether a month of the trail is being retired: approved in this very transaction, its last day long enough ago.
CREATE FUNCTION steward_retiring(month date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.core_approval WHERE kind = 'trail:retire' AND state = 'approved' AND decided_at >= now()
                   AND content ->> 'month' = to_char(month, 'YYYY-MM'))
        AND date_trunc('month', month) + interval '1 month' + make_interval(years => (
            SELECT (value #>> '{}')::int FROM public.core_parameter
            WHERE key = 'retention.trail_years' AND valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)
            ORDER BY valid_from DESC LIMIT 1)) <= now()
$$;
GRANT SELECT ON core_parameter TO steward_access;
CREATE POLICY internal ON core_parameter FOR SELECT TO steward_access USING (true);
ALTER FUNCTION steward_retiring(date) OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_retiring(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_retiring(date) TO steward_trail;
CREATE POLICY trail_reads ON compliance_leaf FOR SELECT TO steward_trail USING (true);
CREATE POLICY trail_reads ON compliance_checkpoint FOR SELECT TO steward_trail USING (true);

-- A month of the trail goes, its leaves stay: which places are empty now, and up to which row of each table nothing more is
-- known, stands in an event. Both with what was retired before, so that the newest such event tells everything.
CREATE FUNCTION steward_retire(month date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := 'core_auditevent_' || to_char(month, 'YYYYMM');
    before jsonb;
    unsealed bigint;
    told jsonb;
BEGIN
    IF to_regclass('public.' || name) IS NULL OR NOT coalesce(public.steward_retiring(month), false) THEN
        RAISE EXCEPTION 'this month is not to be retired' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT count(*) FROM public.%I e WHERE NOT EXISTS '
                   '(SELECT FROM public.compliance_leaf l WHERE l.event_id = e.id)', name) INTO unsealed;
    IF unsealed > 0 THEN
        RAISE EXCEPTION '% events are not sealed', unsealed USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT body -> 'data' INTO before FROM public.core_auditevent WHERE verb = 'trail:retire' ORDER BY id DESC LIMIT 1;
    EXECUTE format($retire$
        WITH parts AS (
            SELECT unnest(range_agg(span)) AS part FROM (
                SELECT int8range(l.place, l.place + 1) AS span
                FROM public.compliance_leaf l JOIN public.%1$I e ON e.id = l.event_id
                UNION ALL
                SELECT int8range((part ->> 0)::bigint, (part ->> 1)::bigint) FROM jsonb_array_elements($1 -> 'places') part
            ) gone
        ), tops AS (
            SELECT table_name, max(row_id) AS top FROM (
                SELECT table_name, row_id FROM public.%1$I WHERE verb LIKE 'row:%%'
                UNION ALL SELECT key, value::bigint FROM jsonb_each_text(coalesce($1 -> 'rows', '{}'))) t
            WHERE row_id IS NOT NULL GROUP BY table_name
        )
        SELECT jsonb_build_object('month', $2, 'events', (SELECT count(*) FROM public.%1$I),
            'places', coalesce((SELECT jsonb_agg(jsonb_build_array(lower(part), upper(part)) ORDER BY part) FROM parts), '[]'),
            'rows', coalesce((SELECT jsonb_object_agg(table_name, top) FROM tops), '{}'))$retire$, name)
    INTO told USING before, to_char(month, 'YYYY-MM');
    EXECUTE format('DELETE FROM public.core_auditvalue v USING public.%I e WHERE v.event_id = e.id', name);
    EXECUTE format('ALTER TABLE public.core_auditevent DETACH PARTITION public.%I', name);
    EXECUTE format('DROP TABLE public.%I', name);
    PERFORM public.steward_write('trail:retire', '', NULL, NULL, told, NULL);
    RETURN told;
END $$;
ALTER FUNCTION steward_retire(date) OWNER TO steward_trail;
REVOKE ALL ON FUNCTION steward_retire(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_retire(date) TO steward_app;

-- As before, and a row of which nothing is known because that was retired is no finding.
CREATE OR REPLACE FUNCTION steward_compare(captured regclass, most int) RETURNS TABLE (row_id bigint, words text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    last bigint;
    since bigint := 0;
    found bigint := 0;
    counted bigint;
    retired bigint;
BEGIN
    IF coalesce(steward_role(), '') NOT IN ('compliance', 'system') OR NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = captured AND tgname LIKE 'steward\_capture\_%') THEN
        RAISE EXCEPTION 'not for you' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT coalesce(max((body -> 'data' -> 'rows' ->> captured::text)::bigint), 0) INTO retired
    FROM core_auditevent WHERE verb = 'trail:retire';
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
    WHERE k.data IS NULL AND l.verb <> 'row:delete' OR l.verb IS NULL AND row_id > $4 OR k.data IS NOT NULL AND l.verb = 'row:delete'
    UNION ALL
    SELECT s.row_id, s.key || ' is not what the trail said last'
    FROM said s JOIN kept k USING (row_id) LEFT JOIN core_auditvalue v ON v.event_id = s.event
    WHERE k.data ? s.key AND CASE
        WHEN jsonb_typeof(s.value) = 'object' AND s.value ? 'sha256' THEN v.secrets ? s.path AND s.value ->> 'sha256'
            IS DISTINCT FROM encode(sha256(decode(v.secrets -> s.path ->> 0, 'hex')
                                           || convert_to(k.data ->> s.key, 'UTF8')), 'hex')
        ELSE k.data -> s.key IS DISTINCT FROM s.value END
    ORDER BY 1$compare$, captured) USING captured::text, since, since + 5000, retired;
        GET DIAGNOSTICS counted = ROW_COUNT;
        found := found + counted;
        since := since + 5000;
    END LOOP;
END $$;

-- As before; and what makes a log with less in it believable is said by who may: a month that was retired by the function
-- that retires it, a restore by an approved request.
CREATE OR REPLACE FUNCTION steward_append(verb text, in_client bigint, data jsonb, in_table text, in_row bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    opened bigint[];
BEGIN
    IF verb !~ '^[a-z]+(:[a-z-]+)+$' OR verb LIKE 'row:%' OR verb = 'trail:retire' THEN
        RAISE EXCEPTION 'not a verb of the business: %', verb;
    END IF;
    IF verb = 'ledger:restore' AND NOT EXISTS (SELECT FROM public.core_approval a WHERE a.kind = 'ledger:restore'
        AND a.state = 'approved' AND a.decided_at >= now() AND a.content = steward_append.data) THEN
        RAISE EXCEPTION 'a restore is declared by an approved request' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF verb LIKE '%:read' THEN
        opened := public.steward_openings(in_client);
        IF opened <> '{}' THEN
            data := coalesce(data, '{}') || jsonb_build_object('openings', opened);
        END IF;
    END IF;
    PERFORM public.steward_write(verb, in_table, in_row, in_client, data, NULL);
END $$;
