-- One of three functions, for the rows that a statement brought, changed or took. The trigger's arguments: the column of
-- the client's id ('' for none); personal columns and columns to leave out, separated by commas.
CREATE FUNCTION steward_capture_{kind}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
DECLARE
    owner_column text := TG_ARGV[0];
    personal text[] := string_to_array(TG_ARGV[1], ',');
    skip text[] := string_to_array(TG_ARGV[2], ',');
    claims text[] := public.steward_claims();
    actor bigint := nullif(claims[1], '')::bigint;
    behalf bigint := nullif(claims[2], '')::bigint;
    request uuid := nullif(claims[4], '')::uuid;
    moment timestamptz := clock_timestamp();
    seed bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()); -- forgotten at the end: the salts stand alone
    frame jsonb := jsonb_build_object(
        'v', 1, 'at', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'verb', 'row:{kind}',
        'table', TG_TABLE_NAME, 'actor', actor, 'behalf', behalf, 'request', request, 'session', session_user);
BEGIN
    {check}
    WITH change AS MATERIALIZED (
        SELECT nextval('public.core_auditevent_id_seq') AS event, (whole ->> 'id')::bigint AS row_id,
               (whole ->> owner_column)::bigint AS client_id, data
        FROM ({rows}) r
    ), hidden AS MATERIALIZED (
        SELECT c.event, p.name, p.side, c.data #>> p.path AS value,
               sha256(seed || int8send(c.event) || convert_to({label}, 'UTF8')) AS salt
        FROM change c, (SELECT name, side, {path} AS path FROM unnest(personal) name, {sides} side) p
        WHERE c.data #>> p.path <> ''
    ), secret AS MATERIALIZED (
        SELECT event, jsonb_object_agg({label}, jsonb_build_array(encode(salt, 'hex'), value)) AS secrets,
               jsonb_object_agg({label}, jsonb_build_object('sha256', encode(sha256(salt || convert_to(value, 'UTF8')), 'hex'))) AS seals
        FROM hidden GROUP BY event
    ), kept AS (
        INSERT INTO public.core_auditvalue (event_id, client_id, secrets)
        SELECT c.event, c.client_id, s.secrets FROM change c JOIN secret s USING (event)
    )
    INSERT INTO public.core_auditevent
        (id, at, verb, table_name, row_id, client_id, actor_id, behalf_id, request_id, body, digest)
    OVERRIDING SYSTEM VALUE
    SELECT event, moment, 'row:{kind}', TG_TABLE_NAME, row_id, client_id, actor, behalf, request, body,
           sha256(convert_to(body::text, 'UTF8'))
    FROM (SELECT c.event, c.row_id, c.client_id, frame || jsonb_build_object(
              'id', c.event, 'row', c.row_id, 'client', c.client_id, 'data', {sealed}) AS body
          FROM change c LEFT JOIN secret s USING (event) OFFSET 0) told;
    RETURN NULL;
END $$;
ALTER FUNCTION steward_capture_{kind}() OWNER TO steward_trail;
REVOKE ALL ON FUNCTION steward_capture_{kind}() FROM PUBLIC;
