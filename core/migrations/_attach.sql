-- What migrations call for a table: one trigger for each kind of statement. Arguments as those of the triggers.
CREATE FUNCTION steward_attach(captured regclass, client text, personal text, skip text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind record;
BEGIN
    FOR kind IN SELECT * FROM (VALUES
        ('insert', 'NEW TABLE AS new_rows'),
        ('update', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
        ('delete', 'OLD TABLE AS old_rows')) AS k (name, rows) LOOP
        EXECUTE format('CREATE TRIGGER steward_capture_%1$s AFTER %1$s ON %2$s REFERENCING %3$s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION public.steward_capture_%1$s(%4$L, %5$L, %6$L)',
                       kind.name, captured, kind.rows, client, personal, skip);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER steward_capture_%s', captured, kind.name);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION steward_attach(regclass, text, text, text) FROM PUBLIC;

-- Tables that had the trigger by row.
DO $$
DECLARE
    old record;
    given text[];
BEGIN
    FOR old IN SELECT tgrelid::regclass AS captured, tgargs FROM pg_trigger WHERE tgname = 'steward_capture' LOOP
        given := string_to_array(encode(old.tgargs, 'escape'), '\000');
        EXECUTE format('DROP TRIGGER steward_capture ON %s', old.captured);
        PERFORM steward_attach(old.captured, given[1], given[2], given[3]);
    END LOOP;
END $$;
DROP FUNCTION steward_capture();
