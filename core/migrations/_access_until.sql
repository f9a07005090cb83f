-- Whoever is shut out, or whose access has ended, is nobody to the walls.
CREATE OR REPLACE FUNCTION steward_actor() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM public.core_user WHERE id = public.steward_claim(1)::bigint AND is_active
        AND (access_until IS NULL OR access_until > statement_timestamp())
$$;

CREATE OR REPLACE FUNCTION steward_role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT role FROM public.core_user WHERE id = public.steward_claim(1)::bigint AND is_active
        AND (access_until IS NULL OR access_until > statement_timestamp())
$$;

CREATE OR REPLACE FUNCTION steward_teammates() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(mate.id), '{}') FROM public.core_user me JOIN public.core_user mate ON mate.team_id = me.team_id
    WHERE me.id = public.steward_claim(1)::bigint AND me.is_active AND me.role = 'lead'
        AND (me.access_until IS NULL OR me.access_until > statement_timestamp())
$$;

-- As before, and nobody gives an account more time than an administrator or a draw of compliance gave it.
CREATE OR REPLACE FUNCTION steward_guard_user() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user = 'steward_app' AND coalesce(public.steward_role(), '') NOT IN ('administrator', 'system')
       AND (NEW.role, NEW.team_id, NEW.person, NEW.username, NEW.email, NEW.is_active, NEW.access_until)
           IS DISTINCT FROM (OLD.role, OLD.team_id, OLD.person, OLD.username, OLD.email, OLD.is_active, OLD.access_until) THEN
        RAISE EXCEPTION 'only an administrator changes who a person is' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF current_user = 'steward_app' AND coalesce(public.steward_role(), '') <> 'system' AND (
        ((NEW.role, NEW.person, NEW.access_until) IS DISTINCT FROM (OLD.role, OLD.person, OLD.access_until)
            AND (NEW.role = 'system' OR OLD.role = 'system' OR NEW.id = public.steward_actor()))
        OR (NEW.password IS DISTINCT FROM OLD.password AND NEW.id IS DISTINCT FROM public.steward_actor())) THEN
        RAISE EXCEPTION 'nobody changes the own role, or the password of somebody else' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
