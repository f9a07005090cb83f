-- One of three functions, for the rows that a statement brought, changed or took. The trigger's arguments: the column of
-- the client's id ('' for none); personal columns and columns to leave out, separated by commas.
CREATE OR REPLACE FUNCTION steward_capture_{kind}() RETURNS trigger
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
        SELECT c.*, sealing.*
        FROM (SELECT nextval('public.core_auditevent_id_seq') AS event, (whole ->> 'id')::bigint AS row_id,
                     (whole ->> owner_column)::bigint AS client_id, data FROM ({rows}) r OFFSET 0) c,
             LATERAL (
                 SELECT jsonb_object_agg(label, jsonb_build_array(encode(salt, 'hex'), value)) AS secrets,
                        jsonb_object_agg(label, jsonb_build_object(
                            'sha256', encode(sha256(salt || convert_to(value, 'UTF8')), 'hex'))) AS seals
                 FROM (SELECT label, value, sha256(seed || int8send(event) || convert_to(label, 'UTF8')) AS salt
                       FROM (SELECT {label} AS label, data #>> {path} AS value
                             FROM unnest(personal) name, {sides} side OFFSET 0) shown
                       WHERE value <> '' OFFSET 0) hidden
             ) sealing
    ), kept AS (
        INSERT INTO public.core_auditvalue (event_id, client_id, secrets)
        SELECT event, client_id, secrets FROM change WHERE secrets IS NOT NULL
    )
    INSERT INTO public.core_auditevent
        (id, at, verb, table_name, row_id, client_id, actor_id, behalf_id, request_id, body, digest)
    OVERRIDING SYSTEM VALUE
    SELECT event, moment, 'row:{kind}', TG_TABLE_NAME, row_id, client_id, actor, behalf, request, body,
           sha256(convert_to(body::text, 'UTF8'))
    FROM (SELECT event, row_id, client_id, frame || jsonb_build_object(
              'id', event, 'row', row_id, 'client', client_id,
              'data', CASE WHEN seals IS NULL THEN data ELSE {sealed} END) AS body
          FROM change OFFSET 0) told;
    RETURN NULL;
END $$;
ALTER FUNCTION steward_capture_{kind}() OWNER TO steward_trail;
REVOKE ALL ON FUNCTION steward_capture_{kind}() FROM PUBLIC;
