-- How many people own each account: a share needs the number, also of owners whom the reader may not see. Only of accounts
-- that the reader may see.
CREATE FUNCTION steward_owners(accounts bigint[]) RETURNS TABLE (account bigint, owners int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, 1 + (SELECT count(*) FROM public.portfolios_accountparty p
                      WHERE p.account_id = a.id AND p.capacity IN ('owner', 'joint') AND p.client_id <> a.client_id)::int
    FROM public.portfolios_account a
    WHERE a.id = ANY (accounts)
      AND (a.client_id = ANY (public.steward_visible()) OR public.steward_is('{compliance,system}'))
$$;
ALTER FUNCTION steward_owners(bigint[]) OWNER TO steward_access;
REVOKE ALL ON FUNCTION steward_owners(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION steward_owners(bigint[]) TO steward_app;
GRANT SELECT ON portfolios_account, portfolios_accountparty TO steward_access;
CREATE POLICY internal ON portfolios_account FOR SELECT TO steward_access USING (true);
CREATE POLICY internal ON portfolios_accountparty FOR SELECT TO steward_access USING (true);
