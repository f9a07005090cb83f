-- Who acts is asked once for a statement, not once for each row of coverage, and by functions that keep their plans: the
-- check of the token costs what a hundred rows cost. The answers are those of before.
CREATE OR REPLACE FUNCTION steward_covered() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim bigint := public.steward_claim(1);
BEGIN
    IF NOT EXISTS (SELECT FROM public.core_user WHERE id = claim AND is_active AND role IN ('manager', 'lead')) THEN
        RETURN '{}';
    END IF;
    RETURN coalesce((SELECT array_agg(DISTINCT client_id) FROM public.clients_coverage
                     WHERE manager_id = claim AND valid @> now()), '{}');
END $$;

CREATE OR REPLACE FUNCTION steward_visible() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mates bigint[] := '{}';
    claim bigint := public.steward_claim(1);
    me public.core_user;
BEGIN
    SELECT * INTO me FROM public.core_user WHERE id = claim AND is_active AND role IN ('manager', 'lead');
    IF NOT FOUND THEN
        RETURN '{}';
    ELSIF me.role = 'manager' THEN
        RETURN coalesce((SELECT array_agg(DISTINCT client_id) FROM public.clients_coverage
                         WHERE manager_id = me.id AND valid @> now()), '{}');
    END IF;
    mates := public.steward_teammates();
    RETURN coalesce((SELECT array_agg(DISTINCT seen.client_id) FROM (
        SELECT client_id FROM public.clients_coverage WHERE manager_id = me.id AND valid @> now()
        UNION ALL
        SELECT client_id FROM public.clients_coverage
        WHERE manager_id = ANY (mates) AND kind = 'primary' AND valid @> now()) seen), '{}');
END $$;

-- The households of the clients whom the acting person may see.
CREATE FUNCTION steward_households() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine bigint[] := public.steward_visible();
BEGIN
    RETURN coalesce((SELECT array_agg(DISTINCT household_id) FROM public.clients_client
                     WHERE id = ANY (mine) AND household_id IS NOT NULL), '{}');
END $$;

-- Whether the acting person has one of the roles that see everybody's rows of a table.
CREATE FUNCTION steward_is(roles text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim bigint := public.steward_claim(1);
BEGIN
    RETURN EXISTS (SELECT FROM public.core_user WHERE id = claim AND is_active AND role = ANY (roles));
END $$;

ALTER FUNCTION steward_households() OWNER TO steward_access;
ALTER FUNCTION steward_is(text[]) OWNER TO steward_access;

-- Say the policies of one kind of a table as one, roles first: each policy more is a check of the token more, and the
-- planner then knows what an OR of flags lets through. What is admitted stays the same. Migrations call it.
CREATE FUNCTION steward_merge(walled regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind record;
    name text;
    condition text;
BEGIN
    FOR kind IN
        SELECT p.cmd, array_agg(p.policyname) AS names, array_agg(m.role[1]) FILTER (WHERE m.role IS NOT NULL) AS admitted,
               string_agg(p.qual, ' OR ' ORDER BY p.policyname) FILTER (WHERE m.role IS NULL) AS others
        FROM pg_policies p JOIN pg_class c ON c.relname = p.tablename AND c.relnamespace = 'public'::regnamespace,
             LATERAL (SELECT regexp_match(p.qual,
                 '^\(\( SELECT public\.steward_role\(\) AS steward_role\) = ''(\w+)''::text\)$')) m (role)
        WHERE c.oid = walled AND p.schemaname = 'public' AND p.permissive = 'PERMISSIVE' AND p.roles = '{steward_app}'
            AND (p.cmd IN ('SELECT', 'DELETE') OR p.cmd = 'UPDATE' AND p.with_check = p.qual)
        GROUP BY p.cmd HAVING count(*) > 1 AND count(m.role) > 0 LOOP
        condition := concat_ws(' OR ', format('(SELECT public.steward_is(%L::text[]))', kind.admitted), kind.others);
        FOREACH name IN ARRAY kind.names LOOP
            EXECUTE format('DROP POLICY %I ON %s', name, walled);
        END LOOP;
        EXECUTE format('CREATE POLICY %s_reach ON %s FOR %s TO steward_app USING (%s)%s', lower(kind.cmd), walled, kind.cmd,
                       condition, CASE kind.cmd WHEN 'UPDATE' THEN format(' WITH CHECK (%s)', condition) ELSE '' END);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION steward_merge(regclass) FROM PUBLIC;
