-- A stop on decisions is known to whoever sees the client; that something is kept for a court or an authority is not.
DROP POLICY select_visible ON compliance_hold;
CREATE POLICY select_visible ON compliance_hold FOR SELECT TO steward_app
    USING (kind = 'stop' AND client_id = ANY ((SELECT steward_visible())::bigint[]));

-- What still stands open with a client, by kind: while anything does, the relationship does not end.
CREATE FUNCTION steward_open_ends(client bigint) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT (client = ANY (public.steward_visible()) OR coalesce(public.steward_role(), '') IN ('compliance', 'system')) THEN
        RETURN NULL;
    END IF;
    RETURN array_remove(ARRAY[
        CASE WHEN EXISTS (SELECT FROM public.portfolios_deposit d WHERE d.client_id = client AND d.closed_on IS NULL)
            THEN 'deposit' END,
        CASE WHEN EXISTS (SELECT FROM (SELECT DISTINCT ON (h.reference) h.quantity FROM public.portfolios_holding h
                WHERE h.client_id = client AND h.superseded_at IS NULL ORDER BY h.reference, h.value_date DESC) held
            WHERE held.quantity <> 0) THEN 'holding' END,
        CASE WHEN EXISTS (SELECT FROM (SELECT DISTINCT ON (t.account_id) t.balance FROM public.portfolios_transaction t
                WHERE t.client_id = client AND t.superseded_at IS NULL
                ORDER BY t.account_id, t.value_date DESC, t.id DESC) kept
            WHERE kept.balance <> 0) THEN 'balance' END,
        CASE WHEN EXISTS (SELECT FROM public.reviews_review r WHERE r.client_id = client AND r.decision = '') THEN 'review' END,
        CASE WHEN EXISTS (SELECT FROM public.clients_task k WHERE k.client_id = client AND k.done_at IS NULL) THEN 'task' END,
        CASE WHEN EXISTS (SELECT FROM public.compliance_hold s
                WHERE s.client_id = client AND s.lifted_at IS NULL AND s.kind = 'stop') THEN 'hold' END], NULL);
END $$;
REVOKE ALL ON FUNCTION steward_open_ends(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_open_ends(bigint) TO steward_app, steward_access;

-- Whoever writes it: a relationship ends by an approved request, decided in this very transaction, and does not begin again.
CREATE FUNCTION steward_guard_closing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.status <> 'active' OR public.steward_open_ends(NEW.id) IS DISTINCT FROM '{}' OR NOT EXISTS (
        SELECT FROM public.core_approval a WHERE a.kind = 'client:close' AND a.state = 'approved' AND a.decided_at >= now()
            AND a.content -> 'clients' = jsonb_build_array(NEW.id)) THEN
        RAISE EXCEPTION 'a relationship ends by an approved request' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION steward_guard_closing() OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_guard_closing() FROM PUBLIC;
CREATE TRIGGER steward_guard_closing BEFORE UPDATE ON clients_client FOR EACH ROW
    WHEN ((NEW.status, NEW.closed_on) IS DISTINCT FROM (OLD.status, OLD.closed_on))
    EXECUTE FUNCTION steward_guard_closing();
ALTER TABLE clients_client ENABLE ALWAYS TRIGGER steward_guard_closing;

-- The values behind the trail's commitments about a client, and where the name stands among nobody's, are forgotten. The
-- sealed events stay as they were sealed. People of the bank keep their own names.
CREATE FUNCTION steward_forget(client bigint, said text, home bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT public.steward_erasing(client) THEN
        RAISE EXCEPTION 'nothing is forgotten without an approved request' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM public.core_auditvalue WHERE client_id = client;
    DELETE FROM public.core_auditvalue v WHERE v.client_id IS NULL
        AND EXISTS (SELECT FROM jsonb_each(v.secrets) AS secret (path, pair) WHERE strpos(pair ->> 1, said) > 0)
        AND NOT EXISTS (SELECT FROM public.core_auditevent e WHERE e.id = v.event_id AND e.table_name = 'core_user');
    DELETE FROM public.core_auditvalue v USING public.core_auditevent e, public.core_approval a
    WHERE v.client_id IS NULL AND e.id = v.event_id AND e.table_name = 'core_approval' AND a.id = e.row_id
        AND a.content -> 'clients' = jsonb_build_array(client);
    DELETE FROM public.core_auditvalue v USING public.core_auditevent e
    WHERE v.client_id IS NULL AND e.id = v.event_id AND e.table_name = 'clients_household' AND e.row_id = home;
END $$;
ALTER FUNCTION steward_forget(bigint, text, bigint) OWNER TO steward_trail;
REVOKE ALL ON FUNCTION steward_forget(bigint, text, bigint) FROM PUBLIC;
GRANT SELECT ON core_approval TO steward_trail;
CREATE POLICY read_erased ON core_approval FOR SELECT TO steward_trail USING (true);

-- Everything of one client goes: every row that names the client, what hangs on the client's accounts, words of others
-- that name the client. Returns the files to remove. Refused unless it was approved in this very transaction, the
-- relationship ended long enough ago, and nothing is held.
CREATE FUNCTION steward_erase(client bigint, today date) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one public.clients_client;
    years int;
    files text[];
    owned regclass;
    home bigint;
BEGIN
    SELECT * INTO one FROM public.clients_client WHERE id = client;
    SELECT (value #>> '{}')::int INTO years FROM public.core_parameter
    WHERE key = 'retention.client_years' AND valid_from <= today AND (valid_to IS NULL OR valid_to >= today)
    ORDER BY valid_from DESC LIMIT 1;
    IF NOT public.steward_erasing(client) OR one.id IS NULL OR one.closed_on IS NULL
        OR coalesce(one.closed_on + make_interval(years => years) > least(today, current_date + 1), true)
        OR EXISTS (SELECT FROM public.compliance_hold h WHERE h.client_id = client AND h.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'this client is not to be erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SET CONSTRAINTS ALL DEFERRED;
    SELECT coalesce(array_agg(pdf_name), '{}') INTO files FROM public.reports_statement WHERE client_id = client AND pdf_name <> '';
    UPDATE public.core_export SET expires_at = now() WHERE state = 'done' AND expires_at > now();
    UPDATE public.core_export SET query = '[]' WHERE strpos(query::text, one.name) > 0;
    DELETE FROM public.core_savedview WHERE strpos(name || query::text, one.name) > 0;
    DELETE FROM public.core_answer WHERE clients @> ARRAY[client];
    UPDATE public.portfolios_feedrun SET preview = '[]', errors = '[]'
    WHERE strpos(preview::text || errors::text, one.name) > 0 OR strpos(preview::text || errors::text, one.reference) > 0;
    UPDATE public.core_approval SET reason = '–', note = '' WHERE content -> 'clients' = jsonb_build_array(client);
    UPDATE public.core_approval SET reason = replace(reason, one.name, '–'), note = replace(note, one.name, '–')
    WHERE strpos(reason || note, one.name) > 0;
    DELETE FROM public.portfolios_accountparty WHERE account_id IN (SELECT a.id FROM public.portfolios_account a WHERE a.client_id = client);
    FOR owned IN SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
            AND c.relowner = (SELECT relowner FROM pg_class WHERE oid = 'public.clients_client'::regclass)
            AND c.relname <> 'core_webhookcall' -- numbers alone, and what was decided here is still to be told
            AND a.attname = 'client_id' AND NOT a.attisdropped ORDER BY c.oid LOOP
        EXECUTE format('DELETE FROM %s WHERE client_id = $1', owned) USING client;
    END LOOP;
    DELETE FROM public.clients_client WHERE id = client;
    DELETE FROM public.clients_household h WHERE h.id = one.household_id
        AND NOT EXISTS (SELECT FROM public.clients_client c WHERE c.household_id = h.id) RETURNING h.id INTO home;
    SET CONSTRAINTS ALL IMMEDIATE;
    PERFORM public.steward_forget(client, one.name, home);
    RETURN files;
END $$;
REVOKE ALL ON FUNCTION steward_erase(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_erase(bigint, date) TO steward_app;
