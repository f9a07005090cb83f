-- Every key that carries the words is found by its index first and cut to the most afterwards: with the limit inside,
-- the planner would rather walk all clients in order, hoping that enough of them match soon.
CREATE OR REPLACE FUNCTION steward_search(words text[], most int) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    acting text := public.steward_role();
    mine bigint[];
BEGIN
    IF acting IN ('compliance', 'operations', 'system') THEN
        RETURN QUERY WITH found AS MATERIALIZED (
            SELECT k.client_id FROM public.clients_searchkey k WHERE k.value LIKE ANY (words)
        ) SELECT DISTINCT f.client_id FROM found f LIMIT most;
    ELSE
        mine := public.steward_visible();
        RETURN QUERY SELECT DISTINCT k.client_id FROM public.clients_searchkey k
            WHERE k.value LIKE ANY (words) AND k.client_id = ANY (mine) LIMIT most;
    END IF;
END $$;
