-- Whether a client is being erased: approved in this very transaction. NULL asks whether any is.
CREATE FUNCTION steward_erasing(client bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.core_approval WHERE kind = 'client:erase' AND state = 'approved' AND decided_at >= now()
                   AND (client IS NULL OR content -> 'clients' = jsonb_build_array(client)))
$$;
ALTER FUNCTION steward_erasing(bigint) OWNER TO steward_access;

-- Four eyes, whatever the door. What is asked is the acting person's and does not change; it is decided once, in time, by
-- another person of a role that may, who says the digest of what was shown. Nobody deletes it. While a client is being
-- erased, words that speak of the client go.
CREATE OR REPLACE FUNCTION steward_guard_approval() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    words text[] := '{reason,note}';
    decided text[] := '{state,decided_by_id,decided_person,decided_at,decided_digest,note}';
    me public.core_user;
    asker public.core_user;
    may public.core_approvalkind;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an approval is kept' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - words IS NOT DISTINCT FROM to_jsonb(OLD) - words AND public.steward_erasing(NULL) THEN
        RETURN NEW;
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
