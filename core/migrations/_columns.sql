-- The trail by table: each captured table has functions of its own, written from its columns, one for each kind of
-- statement. They say the canonical bytes of an event as text, in the order that jsonb gives its keys (by length, then by
-- bytes), so that an event is built once and not member by member.

-- The expression that says a value as jsonb would.
CREATE FUNCTION steward_told(value text, type text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format(CASE
        WHEN type IN ('bigint', 'integer', 'smallint') THEN 'coalesce(%s::text, ''null'')'
        WHEN type IN ('text', 'character varying', 'boolean', 'numeric', 'date', 'timestamp with time zone', 'uuid')
            THEN 'coalesce(to_json(%s)::text, ''null'')'
        ELSE 'coalesce(to_jsonb(%s)::text, ''null'')' END, value)
$$;

-- What a changed id meets: the rows before and after an update are known to each other by it.
CREATE FUNCTION steward_refuse_id() RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'an id does not change' USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- The checked parts of the context, read once for a statement: actor, behalf, expiry, request. NULL without one.
CREATE OR REPLACE FUNCTION steward_claims() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF public.steward_claim(1) IS NULL THEN RETURN NULL; END IF;
    RETURN string_to_array(current_setting('steward.context', true), '.');
END $$;

-- The program of one trigger. Arguments: the column of the client's id ('' for none); personal columns and columns to
-- leave out, separated by commas.
CREATE FUNCTION steward_program(captured regclass, kind text, client text, personal text, skip text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $make$
DECLARE
    sides text[] := CASE kind WHEN 'insert' THEN '{n}'::text[] WHEN 'delete' THEN '{o}' ELSE '{o,n}' END;
    last text := CASE kind WHEN 'delete' THEN 'o' ELSE 'n' END;
    hidden text[] := string_to_array(personal, ',');
    field record;
    side text;
    label text;
    shown text[];
    differs text := 'true';
    read text[] := '{}';
    salts text[] := '{}';
    members text[] := '{}';
    secrets text[] := '{}';
    changes text[] := '{}';
    change text;
BEGIN
    FOR field IN SELECT attname::text AS name, attnum AS number, atttypid::regtype::text AS type,
                        to_json(attname::text)::text AS key
                 FROM pg_attribute
                 WHERE attrelid = captured AND attnum > 0 AND NOT attisdropped
                   AND attname <> ALL (string_to_array(skip, ','))
                 ORDER BY octet_length(attname::text), attname::text COLLATE "C" LOOP
        shown := '{}';
        IF kind = 'update' THEN
            differs := format('o%1$s IS DISTINCT FROM n%1$s', field.number);
            changes := changes || format('o.%1$I IS DISTINCT FROM n.%1$I', field.name);
        END IF;
        FOREACH side IN ARRAY sides LOOP
            IF field.name <> ALL (hidden) THEN
                read := read || format('%1$s.%2$I AS %1$s%3$s', side, field.name, field.number);
                shown := shown || public.steward_told(side || field.number, field.type);
                CONTINUE;
            END IF;
            label := field.name || CASE WHEN kind <> 'update' THEN '' WHEN side = 'o' THEN '.0' ELSE '.1' END;
            read := read || format(CASE WHEN field.type IN ('text', 'character varying') THEN '%1$s.%2$I::text AS %1$s%3$s'
                                        ELSE 'to_jsonb(%1$s.%2$I) #>> ''{}'' AS %1$s%3$s' END, side, field.name, field.number);
            salts := salts || format('CASE WHEN %1$s AND %2$s%3$s <> '''' THEN sha256(seed || int8send(event) || %4$L::bytea) END '
                                     'AS %2$s%3$s_salt', differs, side, field.number, convert_to(label, 'UTF8'));
            shown := shown || format('CASE WHEN %1$s <> '''' THEN concat(''{"sha256": "'', encode(sha256(%1$s_salt || '
                                     'convert_to(%1$s, ''UTF8'')), ''hex''), ''"}'') ELSE coalesce(to_json(%1$s)::text, ''null'') END',
                                     side || field.number);
            secrets := secrets || format('CASE WHEN %1$s_salt IS NOT NULL THEN concat(%2$L, encode(%1$s_salt, ''hex''), ''", '', '
                                         'to_json(%1$s), '']'') END', side || field.number, to_json(label) || ': ["');
        END LOOP;
        members := members || CASE kind
            WHEN 'update' THEN format('CASE WHEN %s THEN concat(%L, %s, '', '', %s, '']'') END',
                                      differs, field.key || ': [', shown[1], shown[2])
            ELSE format('%L || %s', field.key || ': ', shown[1]) END;
    END LOOP;
    change := format($part$
        SELECT event, row_id, client_id, concat('{', concat_ws(', ', %1$s), '}') AS data, %2$s AS secrets
        FROM (SELECT *%3$s
              FROM (SELECT nextval('public.core_auditevent_id_seq') AS event, %4$s AS row_id, %5$s AS client_id,
                           %6$s
                    FROM %7$s OFFSET 0) r OFFSET 0) q OFFSET 0$part$,
        array_to_string(members, ', '),
        CASE WHEN secrets = '{}' THEN 'NULL' ELSE format($part$CASE WHEN num_nonnulls(%s) > 0 THEN
            concat('{', concat_ws(', ', %s), '}')::jsonb END$part$,
            array_to_string(ARRAY(SELECT substring(one FROM 'AS (\w+)$') FROM unnest(salts) one), ', '),
            array_to_string(secrets, ', ')) END,
        array_to_string(ARRAY[''] || salts, ', '),
        CASE kind WHEN 'insert' THEN 'n.id::bigint' WHEN 'delete' THEN 'o.id::bigint'
            ELSE 'CASE WHEN o.id IS NULL THEN public.steward_refuse_id() ELSE n.id::bigint END' END,
        CASE client WHEN '' THEN 'NULL::bigint' ELSE format('%s.%I::bigint', last, client) END,
        array_to_string(read, ', '),
        CASE kind WHEN 'insert' THEN 'new_rows n' WHEN 'delete' THEN 'old_rows o'
            ELSE 'new_rows n LEFT JOIN old_rows o ON o.id = n.id WHERE ' || array_to_string(changes, ' OR ') END);
    RETURN format($program$
DECLARE
    claims text[] := public.steward_claims();
    moment timestamptz := clock_timestamp();
    seed bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()); -- forgotten at the end: the salts stand alone
    frame text[] := ARRAY[
        concat('{"v": 1, "at": "', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '", "id": '),
        concat(', "verb": "row:%1$s", "actor": ', coalesce(nullif(claims[1], ''), 'null'), ', "table": ', to_json(TG_TABLE_NAME::text),
               ', "behalf": ', coalesce(nullif(claims[2], ''), 'null'), ', "client": '),
        concat(', "request": ', coalesce(to_json(nullif(claims[4], '')::uuid)::text, 'null'),
               ', "session": ', to_json(session_user::text), '}')];
BEGIN
    WITH change AS MATERIALIZED (%2$s
    )%3$s
    INSERT INTO public.core_auditevent
        (id, at, verb, table_name, row_id, client_id, actor_id, behalf_id, request_id, body, digest)
    OVERRIDING SYSTEM VALUE
    SELECT event, moment, 'row:%1$s', TG_TABLE_NAME, row_id, client_id, nullif(claims[1], '')::bigint,
           nullif(claims[2], '')::bigint, nullif(claims[4], '')::uuid, body::jsonb, sha256(convert_to(body, 'UTF8'))
    FROM (SELECT event, row_id, client_id, concat(frame[1], event, ', "row": ', row_id, ', "data": ', data, frame[2],
                 coalesce(client_id::text, 'null'), frame[3]) AS body
          FROM change OFFSET 0) told;
    RETURN NULL;
END $program$,
        kind, change,
        CASE WHEN secrets = '{}' THEN '' ELSE $part$, kept AS (
        INSERT INTO public.core_auditvalue (event_id, client_id, secrets)
        SELECT event, client_id, secrets FROM change WHERE secrets IS NOT NULL
    )$part$ END);
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
REVOKE ALL ON FUNCTION steward_told(text, text), steward_program(regclass, text, text, text, text) FROM PUBLIC;

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
DROP FUNCTION steward_capture_insert(), steward_capture_update(), steward_capture_delete();
