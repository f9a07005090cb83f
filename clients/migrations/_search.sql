-- Planned anew for the words of each search: for rare ones by the trigram index, for common ones along the clients until
-- there are enough. A plan for any words would walk all clients for a name that three of them bear.
ALTER FUNCTION steward_search(text[], int) SET plan_cache_mode = force_custom_plan;

-- Two Chinese characters have no trigram inside a longer name: what follows each character of a name is a key as well,
-- so that a given name is found from its beginning.
INSERT INTO clients_searchkey (client_id, kind, value)
    SELECT k.client_id, k.kind, substr(k.value, n)
    FROM clients_searchkey k CROSS JOIN LATERAL generate_series(2, length(k.value)) n
    WHERE k.kind IN ('name', 'alias', 'household') AND substr(k.value, n, 1) ~ '[㐀-鿿𠀀-𿿽]'
    ON CONFLICT DO NOTHING;
