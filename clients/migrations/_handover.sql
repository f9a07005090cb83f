-- Whoever writes it: a client's dedicated manager changes by an approved handover, and by nothing else. The first one
-- comes with the client; what only ends somebody's access, or speaks of the past, gives nobody anything.
CREATE FUNCTION steward_guard_coverage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ahead tstzrange := tstzrange(statement_timestamp(), NULL);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.client_id, NEW.manager_id, NEW.kind) IS DISTINCT FROM (OLD.client_id, OLD.manager_id, OLD.kind) THEN
            RAISE EXCEPTION 'coverage is ended and begun, not changed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.kind <> 'primary' OR NEW.valid * ahead <@ OLD.valid THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.kind <> 'primary' OR isempty(NEW.valid * ahead)
        OR NOT EXISTS (SELECT FROM public.clients_coverage WHERE client_id = NEW.client_id AND kind = 'primary') THEN
        RETURN NEW;
    END IF;
    -- Approved in this very transaction: an approval serves once.
    IF NOT EXISTS (
        SELECT FROM public.core_approval a WHERE a.id = NEW.approval_id AND a.kind = 'client:handover' AND a.state = 'approved' AND a.decided_at >= now()
            AND a.content -> 'clients' @> to_jsonb(NEW.client_id) AND (a.content ->> 'to')::bigint = NEW.manager_id
            AND lower(NEW.valid) >= coalesce((a.content ->> 'at')::timestamptz, a.asked_at)) THEN
        RAISE EXCEPTION 'a client is handed over by an approved request' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_coverage() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_coverage() FROM PUBLIC;
CREATE TRIGGER steward_guard_coverage BEFORE INSERT OR UPDATE ON clients_coverage
    FOR EACH ROW EXECUTE FUNCTION steward_guard_coverage();
ALTER TABLE clients_coverage ENABLE ALWAYS TRIGGER steward_guard_coverage;

-- Who looked after a client is forgotten with the client alone, when a file that brought it is taken back.
CREATE FUNCTION steward_keep_coverage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.clients_client WHERE id = OLD.client_id) THEN
        RAISE EXCEPTION 'who looked after a client is not forgotten' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION steward_keep_coverage() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_keep_coverage() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER steward_keep_coverage AFTER DELETE ON clients_coverage DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.kind = 'primary') EXECUTE FUNCTION steward_keep_coverage();
ALTER TABLE clients_coverage ENABLE ALWAYS TRIGGER steward_keep_coverage;
