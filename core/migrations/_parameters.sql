-- A figure of law or house is added by an approved request, decided in this very transaction, and never changed: the
-- days it governed stay as they were. Migrations, as the owner, bring the first ones.
CREATE FUNCTION steward_guard_parameter() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' OR NOT EXISTS (
        SELECT FROM public.core_approval a WHERE a.kind = 'parameter:change' AND a.state = 'approved' AND a.decided_at >= now()
            AND a.content ->> 'key' = NEW.key AND a.content ->> 'jurisdiction' = NEW.jurisdiction
            AND a.content -> 'value' = NEW.value AND (a.content ->> 'from')::date = NEW.valid_from
            AND a.content ->> 'source' = NEW.source AND NEW.valid_to IS NULL) THEN
        RAISE EXCEPTION 'a parameter changes by an approved request' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_parameter() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_parameter() FROM PUBLIC;
CREATE TRIGGER steward_guard_parameter BEFORE INSERT OR UPDATE OR DELETE ON core_parameter FOR EACH ROW
    WHEN (current_user <> 'steward_owner') EXECUTE FUNCTION steward_guard_parameter();
ALTER TABLE core_parameter ENABLE ALWAYS TRIGGER steward_guard_parameter;
