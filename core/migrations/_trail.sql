-- The key that signs contexts. Only the definer functions read it.
CREATE TABLE steward_key (id boolean PRIMARY KEY DEFAULT true CHECK (id), key bytea NOT NULL);
REVOKE ALL ON steward_key FROM PUBLIC, steward_app;
ALTER TABLE steward_key OWNER TO steward_access;

CREATE FUNCTION steward_claim(field int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token text := current_setting('steward.context', true);
    parts text[];
    secret bytea;
    payload text;
BEGIN
    IF token IS NULL OR token = '' THEN RETURN NULL; END IF;
    parts := string_to_array(token, '.');
    IF array_length(parts, 1) <> 6 OR parts[3] !~ '^[0-9]{1,12}$' THEN RETURN NULL; END IF;
    IF parts[3]::bigint < extract(epoch FROM clock_timestamp()) THEN RETURN NULL; END IF;
    IF split_part(parts[5], '-', 1) <> pg_backend_pid()::text THEN RETURN NULL; END IF;
    SELECT key INTO secret FROM public.steward_key;
    payload := array_to_string(parts[1:5], '.');
    IF encode(sha256(secret || sha256(secret || convert_to(payload, 'UTF8'))), 'hex') <> parts[6] THEN RETURN NULL; END IF;
    RETURN nullif(parts[field], '');
END $$;

CREATE FUNCTION steward_actor() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM public.core_user WHERE id = public.steward_claim(1)::bigint AND is_active
$$;

CREATE FUNCTION steward_role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT role FROM public.core_user WHERE id = public.steward_claim(1)::bigint AND is_active
$$;

CREATE FUNCTION steward_teammates() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(mate.id), '{}') FROM public.core_user me JOIN public.core_user mate ON mate.team_id = me.team_id
    WHERE me.id = public.steward_claim(1)::bigint AND me.is_active AND me.role = 'lead'
$$;

ALTER FUNCTION steward_claim(int) OWNER TO steward_access;
ALTER FUNCTION steward_actor() OWNER TO steward_access;
ALTER FUNCTION steward_role() OWNER TO steward_access;
ALTER FUNCTION steward_teammates() OWNER TO steward_access;

-- What a person is, only an administrator changes: injected SQL of anybody else must not give itself a role.
CREATE FUNCTION steward_guard_user() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user = 'steward_app' AND coalesce(public.steward_role(), '') NOT IN ('administrator', 'system')
       AND (NEW.role, NEW.team_id, NEW.person, NEW.username, NEW.email, NEW.is_active)
           IS DISTINCT FROM (OLD.role, OLD.team_id, OLD.person, OLD.username, OLD.email, OLD.is_active) THEN
        RAISE EXCEPTION 'only an administrator changes who a person is' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF current_user = 'steward_app' AND coalesce(public.steward_role(), '') <> 'system' AND (
        ((NEW.role, NEW.person) IS DISTINCT FROM (OLD.role, OLD.person)
            AND (NEW.role = 'system' OR OLD.role = 'system' OR NEW.id = public.steward_actor()))
        OR (NEW.password IS DISTINCT FROM OLD.password AND NEW.id IS DISTINCT FROM public.steward_actor())) THEN
        RAISE EXCEPTION 'nobody changes the own role, or the password of somebody else' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER steward_guard_user BEFORE UPDATE ON core_user FOR EACH ROW EXECUTE FUNCTION steward_guard_user();
ALTER TABLE core_user ENABLE ALWAYS TRIGGER steward_guard_user;

-- The trail: monthly partitions, append only, written by definer functions alone.
CREATE TABLE core_auditevent (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    verb text NOT NULL,
    table_name text NOT NULL,
    row_id bigint,
    client_id bigint,
    actor_id bigint,
    behalf_id bigint,
    request_id uuid,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    body jsonb NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE core_auditevent_rest PARTITION OF core_auditevent DEFAULT;
CREATE INDEX auditevent_client ON core_auditevent (client_id, id DESC);
CREATE INDEX auditevent_actor ON core_auditevent (actor_id, id DESC);
CREATE INDEX auditevent_row ON core_auditevent (table_name, row_id, id DESC);
CREATE INDEX auditevent_id ON core_auditevent (id DESC);
CREATE TABLE core_auditvalue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id bigint NOT NULL,
    client_id bigint,
    path text NOT NULL,
    salt bytea NOT NULL,
    value text NOT NULL
);
CREATE INDEX auditvalue_event ON core_auditvalue (event_id);
CREATE INDEX auditvalue_client ON core_auditvalue (client_id);

CREATE FUNCTION steward_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER steward_append_only BEFORE UPDATE OR DELETE ON core_auditevent FOR EACH ROW EXECUTE FUNCTION steward_refuse();
CREATE TRIGGER steward_no_truncate BEFORE TRUNCATE ON core_auditevent FOR EACH STATEMENT EXECUTE FUNCTION steward_refuse();
CREATE TRIGGER steward_no_truncate BEFORE TRUNCATE ON core_auditvalue FOR EACH STATEMENT EXECUTE FUNCTION steward_refuse();
ALTER TABLE core_auditevent ENABLE ALWAYS TRIGGER steward_append_only;
ALTER TABLE core_auditevent ENABLE ALWAYS TRIGGER steward_no_truncate;
ALTER TABLE core_auditvalue ENABLE ALWAYS TRIGGER steward_no_truncate;

-- A month's partition, made ahead by the daily schedule; a month that the default partition has rows of stays there.
CREATE FUNCTION steward_partition(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first date := date_trunc('month', month);
    name text := 'core_auditevent_' || to_char(month, 'YYYYMM');
BEGIN
    IF to_regclass('public.' || name) IS NULL AND NOT EXISTS (
        SELECT FROM public.core_auditevent_rest WHERE at >= first::timestamp AT TIME ZONE 'UTC'
            AND at < (first + interval '1 month')::timestamp AT TIME ZONE 'UTC') THEN
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.core_auditevent FOR VALUES FROM (%L) TO (%L)',
                       name, first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month')::timestamp AT TIME ZONE 'UTC');
        EXECUTE format('CREATE TRIGGER steward_no_truncate BEFORE TRUNCATE ON public.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION public.steward_refuse()', name);
        EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER steward_no_truncate', name);
    END IF;
END $$;

-- One event. Personal members of data are replaced by commitments; value and salt go to the side table.
CREATE FUNCTION steward_write(verb text, in_table text, in_row bigint, in_client bigint, data jsonb, personal jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    actor bigint := public.steward_claim(1)::bigint;
    behalf bigint := public.steward_claim(2)::bigint;
    request uuid := public.steward_claim(4)::uuid;
    moment timestamptz := clock_timestamp();
    event bigint := nextval(pg_get_serial_sequence('public.core_auditevent', 'id'));
    content jsonb;
    secret record;
    salt bytea;
BEGIN
    FOR secret IN SELECT path, value FROM jsonb_to_recordset(coalesce(personal, '[]')) AS p(path text[], value text) LOOP
        salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
        data := jsonb_set(data, secret.path, jsonb_build_object('sha256', encode(sha256(salt || convert_to(secret.value, 'UTF8')), 'hex')));
        INSERT INTO public.core_auditvalue (event_id, client_id, path, salt, value)
        VALUES (event, in_client, array_to_string(secret.path, '.'), salt, secret.value);
    END LOOP;
    content := jsonb_build_object(
        'v', 1, 'id', event, 'at', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'verb', verb,
        'table', in_table, 'row', in_row, 'client', in_client, 'actor', actor, 'behalf', behalf, 'request', request,
        'session', session_user, 'data', data);
    INSERT INTO public.core_auditevent
        (id, at, verb, table_name, row_id, client_id, actor_id, behalf_id, request_id, body, digest)
    OVERRIDING SYSTEM VALUE
    VALUES (event, moment, verb, in_table, in_row, in_client, actor, behalf, request, content,
            sha256(convert_to(content::text, 'UTF8')));
    RETURN event;
END $$;

-- What the application may say itself: never a row change, those come from the trigger.
CREATE FUNCTION steward_append(verb text, in_client bigint, data jsonb, in_table text, in_row bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF verb !~ '^[a-z]+(:[a-z-]+)+$' OR verb LIKE 'row:%' THEN
        RAISE EXCEPTION 'not a verb of the business: %', verb;
    END IF;
    PERFORM public.steward_write(verb, in_table, in_row, in_client, data, NULL);
END $$;

-- Arguments: the column of the client's id ('' for none); personal columns and columns to leave out, separated by commas.
CREATE FUNCTION steward_capture() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    skip text[] := string_to_array(TG_ARGV[2], ',');
    old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) - skip END;
    new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) - skip END;
    one jsonb := coalesce(new_row, old_row);
    columns text[] := string_to_array(TG_ARGV[1], ',');
    data jsonb;
    personal jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(n.key, jsonb_build_array(old_row -> n.key, n.value)) INTO data
        FROM jsonb_each(new_row) n WHERE old_row -> n.key IS DISTINCT FROM n.value;
        IF data IS NULL THEN RETURN NULL; END IF;
        SELECT jsonb_agg(jsonb_build_object('path', jsonb_build_array(c, side - 1), 'value', data -> c ->> (side - 1))) INTO personal
        FROM unnest(columns) c, generate_series(1, 2) side WHERE data ? c AND data -> c ->> (side - 1) <> '';
    ELSE
        data := one;
        SELECT jsonb_agg(jsonb_build_object('path', jsonb_build_array(c), 'value', data ->> c)) INTO personal
        FROM unnest(columns) c WHERE data ->> c <> '';
    END IF;
    PERFORM public.steward_write('row:' || lower(TG_OP), TG_TABLE_NAME, (one ->> 'id')::bigint,
                                 CASE WHEN TG_ARGV[0] = '' THEN NULL ELSE (one ->> TG_ARGV[0])::bigint END, data, personal);
    RETURN NULL;
END $$;

ALTER TABLE core_auditevent OWNER TO steward_trail;
ALTER TABLE core_auditevent_rest OWNER TO steward_trail;
ALTER TABLE core_auditvalue OWNER TO steward_trail;
ALTER FUNCTION steward_refuse() OWNER TO steward_trail;
ALTER FUNCTION steward_partition(date) OWNER TO steward_trail;
ALTER FUNCTION steward_write(text, text, bigint, bigint, jsonb, jsonb) OWNER TO steward_trail;
ALTER FUNCTION steward_append(text, bigint, jsonb, text, bigint) OWNER TO steward_trail;
ALTER FUNCTION steward_capture() OWNER TO steward_trail;
REVOKE ALL ON core_auditevent, core_auditevent_rest, core_auditvalue FROM steward_app;
REVOKE ALL ON SEQUENCE core_auditevent_id_seq, core_auditvalue_id_seq FROM steward_app;
GRANT SELECT ON core_auditevent, core_auditvalue TO steward_app;
REVOKE ALL ON FUNCTION steward_write(text, text, bigint, bigint, jsonb, jsonb), steward_capture(), steward_refuse() FROM PUBLIC;
REVOKE ALL ON FUNCTION steward_append(text, bigint, jsonb, text, bigint), steward_partition(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_append(text, bigint, jsonb, text, bigint), steward_partition(date) TO steward_app;
REVOKE ALL ON FUNCTION steward_claim(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_claim(int) TO steward_trail, steward_app;

-- Who may read the trail: own acts, a lead the team's, compliance all, an administrator sign-ins and settings.
ALTER TABLE core_auditevent ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_auditevent FORCE ROW LEVEL SECURITY;
CREATE POLICY trail_write ON core_auditevent TO steward_trail USING (true) WITH CHECK (true);
CREATE POLICY read_own ON core_auditevent FOR SELECT TO steward_app USING (actor_id = (SELECT steward_actor()));
CREATE POLICY read_team ON core_auditevent FOR SELECT TO steward_app USING (actor_id = ANY ((SELECT steward_teammates())::bigint[]));
CREATE POLICY read_all ON core_auditevent FOR SELECT TO steward_app USING ((SELECT steward_role()) IN ('compliance', 'system'));
CREATE POLICY read_admin ON core_auditevent FOR SELECT TO steward_app
    USING ((SELECT steward_role()) = 'administrator' AND (verb LIKE 'session:%' OR table_name IN ('core_user', 'core_team', 'core_parameter')));
ALTER TABLE core_auditvalue ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_auditvalue FORCE ROW LEVEL SECURITY;
CREATE POLICY trail_write ON core_auditvalue TO steward_trail USING (true) WITH CHECK (true);
CREATE POLICY read_with_event ON core_auditvalue FOR SELECT TO steward_app
    USING ((SELECT steward_role()) IN ('compliance', 'system'));
