-- Leads who decide for another lead's team. Neither chain nor ring: who has handed on the own decisions decides for nobody
-- at that time, and who decides for somebody hands nothing on.
CREATE FUNCTION steward_in_a_chain(lead bigint, deputy bigint, span tstzrange) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.core_delegation d
        JOIN public.core_user giver ON giver.id = d.lead_id JOIN public.core_user taker ON taker.id = d.deputy_id
        WHERE d.valid && span AND (giver.person = (SELECT u.person FROM public.core_user u WHERE u.id = deputy)
                                   OR taker.person = (SELECT u.person FROM public.core_user u WHERE u.id = lead)))
$$;
ALTER FUNCTION steward_in_a_chain(bigint, bigint, tstzrange) OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_in_a_chain(bigint, bigint, tstzrange) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_in_a_chain(bigint, bigint, tstzrange) TO steward_app;

CREATE FUNCTION steward_guard_delegation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me public.core_user;
    other public.core_user;
BEGIN
    SELECT * INTO me FROM public.core_user WHERE id = public.steward_actor();
    IF TG_OP = 'DELETE' OR me.id IS NULL THEN
        RAISE EXCEPTION 'a delegation is kept' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - 'valid' IS DISTINCT FROM to_jsonb(OLD) - 'valid' OR NOT NEW.valid <@ OLD.valid
            OR me.id <> OLD.lead_id THEN
            RAISE EXCEPTION 'a delegation ends, and nothing else of it changes' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(7162537); -- of two that would close a ring one waits, and is refused
    SELECT * INTO other FROM public.core_user WHERE id = NEW.deputy_id;
    IF NEW.lead_id <> me.id OR me.role <> 'lead' OR other.role <> 'lead' OR NOT other.is_active OR other.person = me.person
        OR public.steward_in_a_chain(NEW.lead_id, NEW.deputy_id, NEW.valid) THEN
        RAISE EXCEPTION 'not to be handed on' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_delegation() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_delegation() FROM PUBLIC;
CREATE TRIGGER steward_guard_delegation BEFORE INSERT OR UPDATE OR DELETE ON core_delegation
    FOR EACH ROW EXECUTE FUNCTION steward_guard_delegation();
ALTER TABLE core_delegation ENABLE ALWAYS TRIGGER steward_guard_delegation;
CREATE POLICY select_deputy ON core_delegation FOR SELECT TO steward_app USING (deputy_id = (SELECT steward_actor()));

-- Whose requests the acting lead decides for others now; never those of the lead who is away.
CREATE FUNCTION steward_delegated() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(mate.id), '{}')
    FROM public.core_delegation d
    JOIN public.core_user me ON me.id = d.deputy_id
    JOIN public.core_user away ON away.id = d.lead_id
    JOIN public.core_user mate ON mate.team_id = away.team_id AND mate.person <> away.person
    WHERE me.id = public.steward_claim(1)::bigint AND me.is_active AND me.role = 'lead' AND away.is_active AND away.role = 'lead'
        AND (me.access_until IS NULL OR me.access_until > statement_timestamp()) AND d.valid @> now()
$$;
ALTER FUNCTION steward_delegated() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_delegated() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_delegated() TO steward_app;
CREATE POLICY select_delegated ON core_approval FOR SELECT TO steward_app
    USING (asked_by_id = ANY ((SELECT steward_delegated())::bigint[]));
CREATE POLICY update_delegated ON core_approval FOR UPDATE TO steward_app
    USING (asked_by_id = ANY ((SELECT steward_delegated())::bigint[]))
    WITH CHECK (asked_by_id = ANY ((SELECT steward_delegated())::bigint[]));
