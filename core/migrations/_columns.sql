-- The trail by table: each captured table has functions of its own, written from its columns, one for each kind of
-- statement. They say the canonical bytes of an event as text, in the order that jsonb gives its keys (by length, then by
-- bytes), so that an event is built once and not member by member. Each migration that mends what is said here runs the
-- whole file again.

-- What a changed id meets: the rows before and after an update are known to each other by it.
CREATE OR REPLACE FUNCTION steward_refuse_id() RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'an id does not change' USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- The program of one trigger. Arguments: the column of the client's id ('' for none); personal columns and columns to
-- leave out, separated by commas. Every call of a function in it is paid for in each transaction, so it makes few.
CREATE OR REPLACE FUNCTION steward_program(captured regclass, kind text, client text, personal text, skip text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $make$
DECLARE
    integers CONSTANT text[] := '{bigint,integer,smallint}';
    alike CONSTANT text[] := '{text,character varying,boolean,numeric,date,timestamp with time zone,uuid}'; -- json and jsonb agree
    title text := (SELECT relname::text FROM pg_class WHERE oid = captured);
    sides text[] := CASE kind WHEN 'insert' THEN '{n}'::text[] WHEN 'delete' THEN '{o}' ELSE '{o,n}' END;
    last text := CASE kind WHEN 'delete' THEN 'o' ELSE 'n' END;
    hidden text[] := string_to_array(personal, ',');
    field record;
    side text;
    source text;
    value text;
    label text;
    guard text := '';
    told text[];
    read text[] := '{}';
    salts text[] := '{}';
    members text[] := '{}';
    secrets text[] := '{}';
    changes text[] := '{}';
    change text;
BEGIN
    FOR field IN SELECT attname::text AS name, attnum AS number, atttypid::regtype::text AS type, attnotnull AS filled,
                        to_json(attname::text)::text AS key
                 FROM pg_attribute
                 WHERE attrelid = captured AND attnum > 0 AND NOT attisdropped
                   AND attname <> ALL (string_to_array(skip, ','))
                 ORDER BY octet_length(attname::text), attname::text COLLATE "C" LOOP
        told := '{}';
        IF kind = 'update' THEN
            changes := changes || format('o.%1$I IS DISTINCT FROM n.%1$I', field.name);
            guard := changes[cardinality(changes)] || ' AND ';
        END IF;
        FOREACH side IN ARRAY sides LOOP
            source := format('%s.%I', side, field.name);
            value := side || field.number;
            IF field.name <> ALL (hidden) THEN
                read := read || format('%s AS %s', source, value);
                told := told || CASE
                    WHEN field.type = ANY (integers) OR (kind = 'update' AND field.type = ANY (alike)) THEN value
                    WHEN field.type = ANY (alike) THEN format('to_json(%s)', value)
                    ELSE format('to_jsonb(%s)', value) END;
                CONTINUE;
            END IF;
            label := field.name || CASE WHEN kind <> 'update' THEN '' WHEN side = 'o' THEN '.0' ELSE '.1' END;
            source := CASE WHEN field.type IN ('text', 'character varying') THEN source || '::text'
                      ELSE format('(to_jsonb(%s) #>> ''{}'')', source) END;
            read := read || format('%s AS %s', source, value)
                || format('CASE WHEN %s%s <> '''' THEN sha256(concat(seed, %s.id, %L)::bytea) END AS %s_salt',
                          guard, source, last, '.' || label, value);
            salts := salts || (value || '_salt');
            told := told || format('CASE WHEN %1$s_salt IS NOT NULL THEN concat(''{"sha256": "'', encode(sha256(%1$s_salt || '
                                   'convert_to(%1$s, ''UTF8'')), ''hex''), ''"}'') WHEN %1$s IS NULL THEN ''null'' ELSE ''""'' END',
                                   value);
            secrets := secrets || format('CASE WHEN %1$s_salt IS NOT NULL THEN concat(%2$L, encode(%1$s_salt, ''hex''), ''", '', '
                                         'to_json(%1$s), '']'') END', value, to_json(label) || ': ["');
        END LOOP;
        members := members || CASE
            WHEN kind <> 'update' THEN format(
                CASE WHEN field.filled OR field.name = ANY (hidden) THEN '%L, %s' ELSE '%L, coalesce(%s::text, ''null'')' END,
                CASE members WHEN '{}' THEN '' ELSE ', ' END || field.key || ': ', told[1])
            ELSE format('CASE WHEN o%1$s IS DISTINCT FROM n%1$s THEN concat(%2$L, ' || CASE
                WHEN field.name = ANY (hidden) THEN '''['', %3$s, '', '', %4$s, '']'') END'
                ELSE 'json_build_array(%3$s, %4$s)) END' END, field.number, field.key || ': ', told[1], told[2]) END;
    END LOOP;
    change := format($part$
        SELECT event, row_id, client_id, concat('{', %1$s, '}') AS data, %2$s AS secrets
        FROM (SELECT nextval('public.core_auditevent_id_seq') AS event, %3$s AS row_id, %4$s AS client_id,
                     %5$s
              FROM %6$s OFFSET 0) q OFFSET 0$part$,
        format(CASE kind WHEN 'update' THEN 'concat_ws('', '', %s)' ELSE '%s' END, array_to_string(members, ', ')),
        CASE WHEN secrets = '{}' THEN 'NULL' ELSE format($part$CASE WHEN num_nonnulls(%s) > 0 THEN
            concat('{', concat_ws(', ', %s), '}')::jsonb END$part$, array_to_string(salts, ', '), array_to_string(secrets, ', ')) END,
        CASE kind WHEN 'insert' THEN 'n.id::bigint' WHEN 'delete' THEN 'o.id::bigint'
            ELSE 'CASE WHEN o.id IS NULL THEN public.steward_refuse_id() ELSE n.id::bigint END' END,
        CASE client WHEN '' THEN 'NULL::bigint' ELSE format('%s.%I::bigint', last, client) END,
        array_to_string(read, ', '),
        CASE kind WHEN 'insert' THEN 'new_rows n' WHEN 'delete' THEN 'old_rows o'
            ELSE 'new_rows n LEFT JOIN old_rows o ON o.id = n.id WHERE ' || array_to_string(changes, ' OR ') END);
    RETURN format($program$
DECLARE
    claims text[] := string_to_array(public.steward_claim(0), '.');
    moment timestamptz := clock_timestamp();
    seed text := gen_random_uuid(); -- forgotten at the end: the salts stand alone
    frame text[] := ARRAY[
        concat('{"v": 1, "at": "', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '", "id": '),
        concat(', "verb": "row:%1$s", "actor": ', coalesce(nullif(claims[1], ''), 'null'), ', "table": %4$s, "behalf": ',
               coalesce(nullif(claims[2], ''), 'null'), ', "client": '),
        concat(', "request": ', coalesce(to_json(nullif(claims[4], '')::uuid)::text, 'null'),
               ', "session": ', to_json(session_user), '}')];
BEGIN
    WITH change AS MATERIALIZED (%2$s
    )%3$s
    INSERT INTO public.core_auditevent
        (id, at, verb, table_name, row_id, client_id, actor_id, behalf_id, request_id, body, digest)
    OVERRIDING SYSTEM VALUE
    SELECT event, moment, 'row:%1$s', %5$L, row_id, client_id, nullif(claims[1], '')::bigint,
           nullif(claims[2], '')::bigint, nullif(claims[4], '')::uuid, body::jsonb, sha256(convert_to(body, 'UTF8'))
    FROM (SELECT event, row_id, client_id, concat(frame[1], event, ', "row": ', row_id, ', "data": ', data, frame[2],
                 coalesce(client_id::text, 'null'), frame[3]) AS body
          FROM change OFFSET 0) told;
    RETURN NULL;
END $program$,
        kind, change,
        CASE WHEN salts = '{}' THEN '' ELSE $part$, kept AS (
        INSERT INTO public.core_auditvalue (event_id, client_id, secrets)
        SELECT event, client_id, secrets FROM change WHERE secrets IS NOT NULL
    )$part$ END, to_json(title), title);
END $make$;

-- What migrations call for a table, again after each change of its columns: its three functions and triggers.
CREATE OR REPLACE FUNCTION steward_attach(captured regclass, client text, personal text, skip text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind record;
    name text;
BEGIN
    FOR kind IN SELECT * FROM (VALUES
        ('insert', 'NEW TABLE AS new_rows'),
        ('update', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
        ('delete', 'OLD TABLE AS old_rows')) AS k (name, rows) LOOP
        SELECT format('steward_capture_%s_%s', kind.name, relname) INTO name FROM pg_class WHERE oid = captured;
        EXECUTE format('CREATE OR REPLACE FUNCTION public.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
                       'SET search_path = pg_catalog, pg_temp SET enable_nestloop = off '
                       'SET plan_cache_mode = force_generic_plan AS %L',
                       name, public.steward_program(captured, kind.name, client, personal, skip));
        EXECUTE format('ALTER FUNCTION public.%I() OWNER TO steward_trail', name);
        EXECUTE format('REVOKE ALL ON FUNCTION public.%I() FROM PUBLIC', name);
        EXECUTE format('CREATE OR REPLACE TRIGGER steward_capture_%1$s AFTER %1$s ON %2$s REFERENCING %3$s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION public.%4$I(%5$L, %6$L, %7$L)',
                       kind.name, captured, kind.rows, name, client, personal, skip);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER steward_capture_%s', captured, kind.name);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION steward_refuse_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_refuse_id() TO steward_trail;
REVOKE ALL ON FUNCTION steward_program(regclass, text, text, text, text) FROM PUBLIC;

DO $$
DECLARE
    old record;
    given text[];
BEGIN
    FOR old IN SELECT tgrelid::regclass AS captured, tgargs FROM pg_trigger WHERE tgname = 'steward_capture_insert' LOOP
        given := string_to_array(encode(old.tgargs, 'escape'), '\000');
        PERFORM steward_attach(old.captured, given[1], given[2], given[3]);
    END LOOP;
END $$;
DROP FUNCTION IF EXISTS steward_told(text, text), steward_capture_insert(), steward_capture_update(), steward_capture_delete();
