-- The database roles. Run by `pratu migrate` as a role that may create roles; idempotent.
-- pratu_owner owns every object and can log in nowhere; the four others own nothing.
DO $$
DECLARE r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['pratu_owner', 'pratu_web', 'pratu_vault', 'pratu_admin'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I NOINHERIT NOCREATEDB NOCREATEROLE %s', r,
				CASE r WHEN 'pratu_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
		END IF;
	END LOOP;
END $$;
