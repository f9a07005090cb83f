-- Whom the acting person may see, once per statement. Coverage counts at the database's now.
CREATE FUNCTION steward_covered() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT c.client_id), '{}') FROM public.clients_coverage c
    WHERE c.manager_id = public.steward_actor() AND c.valid @> now() AND public.steward_role() IN ('manager', 'lead')
$$;

CREATE FUNCTION steward_visible() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT c.client_id), '{}') FROM public.clients_coverage c
    WHERE c.valid @> now() AND (
        c.client_id = ANY (public.steward_covered())
        OR (c.kind = 'primary' AND c.manager_id = ANY (public.steward_teammates())))
$$;

-- Search under the wall: trigram indexes do not combine with row-level security, so one definer function searches and
-- applies the caller's set itself. Everybody else's clients do not exist for it.
CREATE FUNCTION steward_search(words text[], most int) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    acting text := public.steward_role();
    mine bigint[];
BEGIN
    IF acting IN ('compliance', 'operations', 'system') THEN
        RETURN QUERY SELECT DISTINCT k.client_id FROM public.clients_searchkey k WHERE k.value LIKE ANY (words) LIMIT most;
    ELSE
        mine := public.steward_visible();
        RETURN QUERY SELECT DISTINCT k.client_id FROM public.clients_searchkey k
            WHERE k.value LIKE ANY (words) AND k.client_id = ANY (mine) LIMIT most;
    END IF;
END $$;

ALTER FUNCTION steward_covered() OWNER TO steward_access;
ALTER FUNCTION steward_visible() OWNER TO steward_access;
ALTER FUNCTION steward_search(text[], int) OWNER TO steward_access;
CREATE INDEX searchkey_trigram ON clients_searchkey USING gin (value gin_trgm_ops);
CREATE INDEX searchkey_client ON clients_searchkey (client_id);
