-- Who may ask for what, and who decides it. Migrations of the rooms add their kinds; the application only reads them.
CREATE TABLE core_approvalkind (kind text PRIMARY KEY, asks text[] NOT NULL, decides text[] NOT NULL);
ALTER TABLE core_approvalkind ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_approvalkind FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON core_approvalkind TO steward_owner USING (true) WITH CHECK (true);
CREATE POLICY read_kinds ON core_approvalkind FOR SELECT USING (true);
REVOKE ALL ON core_approvalkind FROM steward_app;
GRANT SELECT ON core_approvalkind TO steward_app, steward_access, steward_sealer;

-- Four eyes, whatever the door. What is asked is the acting person's and does not change; it is decided once, in time, by
-- another person of a role that may, who says the digest of what was shown. Nobody deletes it.
CREATE FUNCTION steward_guard_approval() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    decided text[] := '{state,decided_by_id,decided_person,decided_at,decided_digest,note}';
    me public.core_user;
    asker public.core_user;
    may public.core_approvalkind;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an approval is kept' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO me FROM public.core_user WHERE id = public.steward_actor();
    SELECT * INTO may FROM public.core_approvalkind WHERE kind = NEW.kind;
    IF me.id IS NULL OR may.kind IS NULL THEN
        RAISE EXCEPTION 'nobody acts, or nobody knows the kind' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR NEW.asked_by_id <> me.id OR NOT me.role = ANY (may.asks) THEN
            RAISE EXCEPTION 'not yours to ask' USING ERRCODE = 'insufficient_privilege';
        END IF;
        NEW.asked_person := me.person;
        NEW.asked_at := statement_timestamp();
        NEW.expires_at := NEW.asked_at + interval '14 days';
        NEW.digest := sha256(convert_to(NEW.kind || E'\n' || NEW.content::text, 'UTF8'));
        RETURN NEW;
    END IF;
    IF OLD.state <> 'open' OR NEW.state = 'open' OR to_jsonb(NEW) - decided IS DISTINCT FROM to_jsonb(OLD) - decided THEN
        RAISE EXCEPTION 'decided once, and never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO asker FROM public.core_user WHERE id = OLD.asked_by_id;
    IF NEW.state = 'withdrawn' THEN
        IF me.person <> OLD.asked_person THEN
            RAISE EXCEPTION 'not yours to withdraw' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF me.person = OLD.asked_person OR NOT me.role = ANY (may.decides) OR OLD.expires_at <= statement_timestamp()
        OR NEW.decided_digest IS DISTINCT FROM OLD.digest
        OR NEW.state = 'approved' AND NOT (asker.is_active AND asker.person = OLD.asked_person AND asker.role = ANY (may.asks))
    THEN
        RAISE EXCEPTION 'not yours to decide' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.decided_by_id := me.id;
    NEW.decided_person := me.person;
    NEW.decided_at := statement_timestamp();
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_approval() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_approval() FROM PUBLIC;
CREATE TRIGGER steward_guard_approval BEFORE INSERT OR UPDATE OR DELETE ON core_approval
    FOR EACH ROW EXECUTE FUNCTION steward_guard_approval();
ALTER TABLE core_approval ENABLE ALWAYS TRIGGER steward_guard_approval;

-- The administrator sees and decides what is the administrator's to decide, and no client's affairs.
CREATE POLICY select_office ON core_approval FOR SELECT TO steward_app USING ((SELECT steward_role()) = 'administrator'
    AND kind IN (SELECT k.kind FROM core_approvalkind k WHERE 'administrator' = ANY (k.decides)));
CREATE POLICY update_office ON core_approval FOR UPDATE TO steward_app USING ((SELECT steward_role()) = 'administrator'
    AND kind IN (SELECT k.kind FROM core_approvalkind k WHERE 'administrator' = ANY (k.decides)));

-- What a person is changes by an approved request, decided in this very transaction; which human an account is, never.
CREATE FUNCTION steward_guard_role() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.person IS DISTINCT FROM OLD.person OR NOT EXISTS (
        SELECT FROM public.core_approval a WHERE a.kind = 'user:role' AND a.state = 'approved' AND a.decided_at >= now()
            AND a.decided_person <> NEW.person AND (a.content ->> 'user')::bigint = NEW.id AND a.content ->> 'role' = NEW.role
            AND (a.content ->> 'team')::bigint IS NOT DISTINCT FROM NEW.team_id) THEN
        RAISE EXCEPTION 'a role changes by an approved request' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_role() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_role() FROM PUBLIC;
CREATE TRIGGER steward_guard_role BEFORE UPDATE ON core_user FOR EACH ROW
    WHEN ((NEW.role, NEW.team_id, NEW.person) IS DISTINCT FROM (OLD.role, OLD.team_id, OLD.person))
    EXECUTE FUNCTION steward_guard_role();
ALTER TABLE core_user ENABLE ALWAYS TRIGGER steward_guard_role;

-- Nobody makes an account with a role by a statement: new people come by the service alone.
DROP POLICY insert_administrator ON core_user;
