-- A token is used and revoked; what it is, whose and for how long, never changes, and a revoked one stays revoked.
CREATE FUNCTION steward_guard_token() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - '{last_used_at,revoked_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{last_used_at,revoked_at}'::text[]
        OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) THEN
        RAISE EXCEPTION 'a token does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER steward_guard_token BEFORE UPDATE ON core_token FOR EACH ROW EXECUTE FUNCTION steward_guard_token();
ALTER TABLE core_token ENABLE ALWAYS TRIGGER steward_guard_token;

-- Whether the acting person may still see each of these clients: an answer that was kept for a repeated request names
-- them, and it ends with the coverage. The functions of coverage come with the clients' own migrations.
CREATE FUNCTION steward_sees(clients bigint[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN clients = '{}' OR public.steward_role() IN ('compliance', 'operations', 'system')
        OR clients <@ public.steward_visible();
END $$;
ALTER FUNCTION steward_sees(bigint[]) OWNER TO steward_access;

-- A business event told to the webhooks that asked for its verb: one call for each, and the job that makes it, in the
-- transaction of the event. Whoever acts need not know the webhooks, nor may they. Returns the jobs to announce.
CREATE FUNCTION steward_tell(in_verb text, in_client bigint, in_table text, in_row bigint) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event uuid := gen_random_uuid();
    moment timestamptz := clock_timestamp();
    jobs bigint[];
BEGIN
    IF public.steward_actor() IS NULL
        OR NOT EXISTS (SELECT FROM public.core_webhook WHERE state <> 'removed' AND in_verb = ANY (events)) THEN
        RETURN NULL;
    END IF;
    WITH told AS (
        INSERT INTO public.core_webhookcall
            (webhook_id, event, verb, at, client_id, table_name, row_id, state, attempts, due_at, reason, answer)
        SELECT id, event, in_verb, moment, in_client, in_table, in_row, 'waiting', 0, moment, '', ''
        FROM public.core_webhook WHERE state <> 'removed' AND in_verb = ANY (events) ORDER BY id
        RETURNING id, webhook_id
    ), work AS (
        INSERT INTO public.core_job (name, arguments, key, state, done, total, error, attempts, due_at, created_at)
        SELECT 'programs.call', jsonb_build_object('call_id', told.id), 'call:' || told.id || ':0',
               'queued', 0, 0, '', 0, moment, moment
        FROM told JOIN public.core_webhook w ON w.id = told.webhook_id WHERE w.state = 'active'
        RETURNING id
    )
    SELECT array_agg(id) INTO jobs FROM work;
    RETURN jobs;
END $$;
ALTER FUNCTION steward_tell(text, bigint, text, bigint) OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_tell(text, bigint, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_tell(text, bigint, text, bigint) TO steward_app;
GRANT INSERT ON core_webhookcall TO steward_access;
GRANT SELECT, INSERT ON core_job TO steward_access;
GRANT USAGE ON SEQUENCE core_webhookcall_id_seq, core_job_id_seq TO steward_access;
CREATE POLICY tell ON core_webhookcall FOR INSERT TO steward_access WITH CHECK (state = 'waiting' AND attempts = 0);
CREATE POLICY tell_work ON core_job FOR INSERT TO steward_access
    WITH CHECK (name = 'programs.call' AND state = 'queued' AND attempts = 0 AND token IS NULL);
CREATE POLICY tell_known ON core_job FOR SELECT TO steward_access USING (name = 'programs.call');

-- An administrator's test call, and calls taken up again after a pause.
ALTER POLICY insert_administrator ON core_webhookcall
    WITH CHECK ((SELECT steward_role()) = 'administrator' AND verb = 'webhook:test' AND state = 'waiting' AND attempts = 0);
CREATE POLICY insert_call ON core_job FOR INSERT TO steward_app WITH CHECK (
    (SELECT steward_role()) = 'administrator' AND requested_by_id = (SELECT steward_actor())
    AND name = 'programs.call' AND state = 'queued' AND attempts = 0 AND token IS NULL AND finished_at IS NULL);

-- An answer is kept for its own person, and read while each client it speaks of may be seen.
ALTER POLICY select_own ON core_answer
    USING (user_id = (SELECT steward_actor()) AND steward_sees(clients));

-- Tokens and webhooks are settings: the administrator reads what became of them.
CREATE POLICY read_admin_programs ON core_auditevent FOR SELECT TO steward_app
    USING ((SELECT steward_role()) = 'administrator'
           AND (verb LIKE 'token:%' OR verb LIKE 'webhook:%' OR table_name IN ('core_token', 'core_webhook')));
