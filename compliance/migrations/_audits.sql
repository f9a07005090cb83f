-- Compliance draws an audit, which only ends sooner than it was to.
CREATE FUNCTION steward_guard_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR coalesce(public.steward_role(), '') <> 'compliance'
        OR TG_OP = 'INSERT' AND NEW.drawn_by_id <> public.steward_actor()
        OR TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'ends_at' IS DISTINCT FROM to_jsonb(OLD) - 'ends_at' OR NEW.ends_at > OLD.ends_at) THEN
        RAISE EXCEPTION 'an audit is drawn by compliance and kept' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_audit() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_audit() FROM PUBLIC;
CREATE TRIGGER steward_guard_audit BEFORE INSERT OR UPDATE OR DELETE ON compliance_audit
    FOR EACH ROW EXECUTE FUNCTION steward_guard_audit();
ALTER TABLE compliance_audit ENABLE ALWAYS TRIGGER steward_guard_audit;
CREATE POLICY select_auditor ON compliance_audit FOR SELECT TO steward_app USING (auditor_id = (SELECT steward_actor()));

-- Whoever writes it: nothing is opened to an auditor but what the seed of the audit draws.
CREATE FUNCTION steward_guard_sample() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    drawn record;
BEGIN
    FOR drawn IN SELECT DISTINCT s.origin, s.person_id, upper(s.valid) AS until FROM sampled s WHERE s.kind = 'sample' LOOP
        IF NOT EXISTS (SELECT FROM public.compliance_audit a WHERE 'audit:' || a.id = drawn.origin
                       AND a.auditor_id = drawn.person_id AND drawn.until <= a.ends_at)
            OR EXISTS (SELECT s.client_id FROM sampled s WHERE s.origin = drawn.origin AND s.kind = 'sample'
                       EXCEPT (SELECT c.id FROM public.clients_client c, public.compliance_audit a
                               WHERE 'audit:' || a.id = drawn.origin AND c.created_at <= a.drawn_at
                               ORDER BY sha256(convert_to(a.seed || ':' || c.reference, 'UTF8'))
                               LIMIT (SELECT size FROM public.compliance_audit a WHERE 'audit:' || a.id = drawn.origin))) THEN
            RAISE EXCEPTION 'not what the audit drew' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
ALTER FUNCTION steward_guard_sample() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_sample() FROM PUBLIC;
CREATE TRIGGER steward_guard_sample AFTER INSERT ON clients_opening REFERENCING NEW TABLE AS sampled
    FOR EACH STATEMENT EXECUTE FUNCTION steward_guard_sample();
ALTER TABLE clients_opening ENABLE ALWAYS TRIGGER steward_guard_sample;

-- Why somebody was held is for compliance, and for the auditor who drew the client.
CREATE POLICY select_sample ON compliance_holdreason FOR SELECT TO steward_app
    USING (client_id = ANY ((SELECT steward_sample())::bigint[]));
