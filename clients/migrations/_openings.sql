-- Whoever writes it: who opens a client to whom, and for how long at most. It begins when it is written, may only be
-- shortened, and an emergency is reviewed once by somebody who neither opened it nor had it opened. It is kept until the
-- client is erased.
CREATE FUNCTION steward_guard_opening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    later text[] := '{valid,reviewed_by_id,reviewed_at,finding}';
    me public.core_user;
    one public.core_user;
    began timestamptz := statement_timestamp();
    most interval;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF public.steward_erasing(OLD.client_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'what was opened to whom is kept' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO me FROM public.core_user WHERE id = public.steward_actor();
    IF coalesce(me.role, '') <> 'compliance' THEN
        RAISE EXCEPTION 'compliance opens clients' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT * INTO one FROM public.core_user WHERE id = NEW.person_id AND is_active;
        most := CASE NEW.kind WHEN 'emergency' THEN interval '60 minutes' WHEN 'purpose' THEN interval '10 hours'
                ELSE interval '366 days' END;
        NEW.valid := tstzrange(began, least(upper(NEW.valid), began + most));
        IF NEW.opened_by_id <> me.id OR isempty(NEW.valid) OR NEW.reviewed_at IS NOT NULL
            OR NEW.kind = 'emergency' AND (one.person = me.person OR length(btrim(NEW.reason)) < 20)
            OR NEW.kind = 'purpose' AND one.id <> me.id
            OR NOT coalesce(one.role = ANY (CASE NEW.kind WHEN 'emergency' THEN '{manager,lead}'
                WHEN 'purpose' THEN '{compliance}' WHEN 'sample' THEN '{auditor}' END::text[]), false) THEN
            RAISE EXCEPTION 'not to be opened so' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - later IS DISTINCT FROM to_jsonb(OLD) - later
        OR lower(NEW.valid) <> lower(OLD.valid) OR NOT NEW.valid <@ OLD.valid OR isempty(NEW.valid) THEN
        RAISE EXCEPTION 'an opening may only be ended sooner' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.reviewed_by_id, NEW.reviewed_at, NEW.finding) IS DISTINCT FROM (OLD.reviewed_by_id, OLD.reviewed_at, OLD.finding) THEN
        IF OLD.reviewed_at IS NOT NULL OR NEW.reviewed_by_id IS DISTINCT FROM me.id OR EXISTS (
            SELECT FROM public.core_user WHERE id IN (OLD.opened_by_id, OLD.person_id) AND person = me.person) THEN
            RAISE EXCEPTION 'another person reviews, once' USING ERRCODE = 'insufficient_privilege';
        END IF;
        NEW.reviewed_at := began;
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_opening() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_opening() FROM PUBLIC;
CREATE TRIGGER steward_guard_opening BEFORE INSERT OR UPDATE OR DELETE ON clients_opening
    FOR EACH ROW EXECUTE FUNCTION steward_guard_opening();
ALTER TABLE clients_opening ENABLE ALWAYS TRIGGER steward_guard_opening;

-- The person it is opened to knows of it; whoever may see the client knows of emergencies, and of nothing compliance does.
CREATE POLICY select_opened ON clients_opening FOR SELECT TO steward_app USING (person_id = (SELECT steward_actor()));
CREATE POLICY select_known ON clients_opening FOR SELECT TO steward_app
    USING (kind = 'emergency' AND client_id = ANY ((SELECT steward_visible())::bigint[]));

-- As before, and what is opened to the acting person now: to a manager or a lead in an emergency, to an auditor the sample.
CREATE OR REPLACE FUNCTION steward_visible() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mates bigint[] := '{}';
    claim bigint := public.steward_claim(1);
    me public.core_user;
    kinds text[];
BEGIN
    SELECT * INTO me FROM public.core_user WHERE id = claim AND is_active AND role IN ('manager', 'lead', 'auditor')
        AND (access_until IS NULL OR access_until > now());
    IF NOT FOUND THEN
        RETURN '{}';
    ELSIF me.role = 'auditor' THEN
        RETURN coalesce((SELECT array_agg(DISTINCT client_id) FROM public.clients_opening
                         WHERE person_id = me.id AND kind = 'sample' AND valid @> now()), '{}');
    ELSIF me.role = 'lead' THEN
        mates := public.steward_teammates();
    END IF;
    RETURN coalesce((SELECT array_agg(DISTINCT seen.client_id) FROM (
        SELECT client_id FROM public.clients_coverage WHERE manager_id = me.id AND valid @> now()
        UNION ALL
        SELECT client_id FROM public.clients_coverage
        WHERE manager_id = ANY (mates) AND kind = 'primary' AND valid @> now()
        UNION ALL
        SELECT client_id FROM public.clients_opening WHERE person_id = me.id AND kind = 'emergency' AND valid @> now()) seen), '{}');
END $$;

CREATE OR REPLACE FUNCTION steward_covered() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim bigint := public.steward_claim(1);
BEGIN
    IF NOT EXISTS (SELECT FROM public.core_user WHERE id = claim AND is_active AND role IN ('manager', 'lead')
                   AND (access_until IS NULL OR access_until > now())) THEN
        RETURN '{}';
    END IF;
    RETURN coalesce((SELECT array_agg(DISTINCT client_id) FROM public.clients_coverage
                     WHERE manager_id = claim AND valid @> now()), '{}');
END $$;

CREATE OR REPLACE FUNCTION steward_is(roles text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim bigint := public.steward_claim(1);
BEGIN
    RETURN EXISTS (SELECT FROM public.core_user WHERE id = claim AND is_active AND role = ANY (roles)
                   AND (access_until IS NULL OR access_until > now()));
END $$;

-- What the application says itself. A look at a client opened to the acting person names the opening; compliance looks
-- at a client for a stated purpose or not at all, whatever the door: no record, no bytes. Looks at no single client
-- name the emergencies that stand.
CREATE OR REPLACE FUNCTION steward_append(verb text, in_client bigint, data jsonb, in_table text, in_row bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    opened bigint[];
BEGIN
    IF verb !~ '^[a-z]+(:[a-z-]+)+$' OR verb LIKE 'row:%' THEN
        RAISE EXCEPTION 'not a verb of the business: %', verb;
    END IF;
    IF verb LIKE '%:read' THEN
        opened := public.steward_openings(in_client);
        IF opened <> '{}' THEN
            data := coalesce(data, '{}') || jsonb_build_object('openings', opened);
        END IF;
    END IF;
    PERFORM public.steward_write(verb, in_table, in_row, in_client, data, NULL);
END $$;

CREATE FUNCTION steward_openings(client bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim bigint := public.steward_claim(1);
    opened bigint[] := coalesce((SELECT array_agg(id ORDER BY id) FROM public.clients_opening
        WHERE person_id = claim AND valid @> statement_timestamp()
            AND (client_id = client OR client IS NULL AND kind = 'emergency')), '{}');
BEGIN
    IF client IS NOT NULL AND opened = '{}' AND EXISTS (SELECT FROM public.core_user WHERE id = claim AND role = 'compliance')
        AND EXISTS (SELECT FROM public.clients_client WHERE id = client) THEN
        RAISE EXCEPTION 'no purpose is stated' USING ERRCODE = 'SW001', DETAIL = client::text;
    END IF;
    RETURN opened;
END $$;
ALTER FUNCTION steward_openings(bigint) OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_openings(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_openings(bigint) TO steward_trail;

-- An auditor reads the trail of the sample's clients, beside the own acts.
CREATE FUNCTION steward_sample() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN public.steward_role() = 'auditor' THEN public.steward_visible() ELSE '{}' END
$$;
ALTER FUNCTION steward_sample() OWNER TO steward_access;
CREATE POLICY read_sample ON core_auditevent FOR SELECT TO steward_app
    USING (client_id = ANY ((SELECT steward_sample())::bigint[]));
