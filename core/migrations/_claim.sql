-- A part of the checked context: actor, behalf, expiry, request, session with nonce, signature; all of it for 0. NULL
-- where it is missing, over, another session's or not signed by us. One statement, because every statement of a function
-- is paid for again in each transaction.
CREATE OR REPLACE FUNCTION steward_claim(field int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token text := nullif(current_setting('steward.context', true), '');
    claimed text;
BEGIN
    IF token IS NULL THEN RETURN NULL; END IF;
    SELECT CASE WHEN cardinality(parts) = 6 AND parts[3] ~ '^[0-9]{1,12}$' THEN CASE
        WHEN parts[3]::bigint >= extract(epoch FROM clock_timestamp())
             AND split_part(parts[5], '-', 1) = pg_backend_pid()::text
             AND encode(sha256(key || sha256(key || convert_to(array_to_string(parts[1:5], '.'), 'UTF8'))), 'hex') = parts[6]
        THEN CASE field WHEN 0 THEN token ELSE nullif(parts[field], '') END END END
    INTO claimed FROM (SELECT key, string_to_array(token, '.') AS parts FROM public.steward_key OFFSET 0) signed;
    RETURN claimed;
END $$;
