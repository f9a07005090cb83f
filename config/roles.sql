-- Roles of a Steward database. Run by a superuser inside that database; safe to run again.
--   steward_owner     owns the tables; nobody logs in as it
--   steward_migrator  logs in for migrations and acts as the owner
--   steward_app       logs in for web and workers; owns nothing
--   steward_sealer    logs in for the sealer; reads digests of events, adds to the ledger
--   steward_trail     owns the functions that write the trail, so that no other role can change them
--   steward_access    owns the functions that decide what a user may see
DO $$
DECLARE
    role record;
BEGIN
    FOR role IN
        SELECT * FROM (VALUES
            ('steward_owner', 'NOLOGIN'),
            ('steward_migrator', 'LOGIN'),
            ('steward_app', 'LOGIN'),
            ('steward_sealer', 'LOGIN'),
            ('steward_trail', 'NOLOGIN'),
            ('steward_access', 'NOLOGIN')
        ) AS wanted (name, login)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role.name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I', role.name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another session made it in the same moment
            END;
        END IF;
    END LOOP;
    -- Altered and granted only when something differs: writing the same row of a shared catalogue from two sessions fails.
    IF EXISTS (
        SELECT FROM pg_roles WHERE rolname LIKE 'steward\_%'
            AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)
    ) OR (SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolname IN ('steward_migrator', 'steward_app', 'steward_sealer')) < 3 THEN
        ALTER ROLE steward_owner NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
        ALTER ROLE steward_migrator LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
        ALTER ROLE steward_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
        ALTER ROLE steward_sealer LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
        ALTER ROLE steward_trail NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
        ALTER ROLE steward_access NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
    END IF;
    IF (
        SELECT count(*) FROM pg_auth_members
        WHERE (roleid::regrole::text, member::regrole::text) IN (
            ('steward_owner', 'steward_migrator'), ('steward_trail', 'steward_migrator'),
            ('steward_access', 'steward_migrator'), ('steward_trail', 'steward_owner'),
            ('steward_access', 'steward_owner')
        ) AND set_option AND inherit_option
    ) < 5 THEN
        -- The owner may hand a function to the trail or the access role, and replace it in a later migration.
        GRANT steward_owner, steward_trail, steward_access TO steward_migrator WITH INHERIT TRUE, SET TRUE;
        GRANT steward_trail, steward_access TO steward_owner WITH INHERIT TRUE, SET TRUE;
    END IF;
    IF (SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()) <> 'steward_owner' THEN
        EXECUTE format('ALTER DATABASE %I OWNER TO steward_owner', current_database());
    END IF;
END
$$;

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

ALTER SCHEMA public OWNER TO steward_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO steward_app, steward_sealer;
-- A function can be given only to a role that may create in its schema.
GRANT USAGE, CREATE ON SCHEMA public TO steward_trail, steward_access;

ALTER DEFAULT PRIVILEGES FOR ROLE steward_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO steward_app;
ALTER DEFAULT PRIVILEGES FOR ROLE steward_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO steward_app;
