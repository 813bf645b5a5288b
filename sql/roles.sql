-- SPDX-License-Identifier: Apache-2.0
-- The database roles. Run by `pratu migrate` as a role that may create roles; idempotent.
-- pratu_owner owns every object and can log in nowhere; the four others own nothing.
DO $$
DECLARE
	r text;
	setting text;
BEGIN
	FOREACH r IN ARRAY ARRAY['pratu_owner', 'pratu_web', 'pratu_vault', 'pratu_courier', 'pratu_admin'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I NOINHERIT NOCREATEDB NOCREATEROLE %s', r,
				CASE r WHEN 'pratu_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
		END IF;
		-- Every name in a query carries its schema; nothing is found by a path that others can fill.
		IF NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles u ON u.oid = s.setrole
			WHERE u.rolname = r AND s.setdatabase = 0 AND 'search_path=""' = ANY (s.setconfig)) THEN
			EXECUTE format('ALTER ROLE %I SET search_path = %L', r, '');
		END IF;
		-- A query over partitioned tables takes milliseconds to plan and a tenth of one to run: it is planned
		-- once for each connection. The roles that run ask the same few questions without end, and
		-- each finds its rows by key whatever the values. A plan that was made while a partition was empty,
		-- where reading all of it seems cheap, is kept while it grows: so only look-ups by key are left to
		-- choose from. What is turned off counts as so expensive that the server would compile (jit) a
		-- statement that cannot do without it, each time anew, for a tenth of a second.
		IF r <> 'pratu_owner' THEN
			FOREACH setting IN ARRAY ARRAY['jit=off', 'plan_cache_mode=force_generic_plan'] || CASE
				WHEN r <> 'pratu_admin' THEN ARRAY['enable_seqscan=off', 'enable_material=off',
				'enable_hashjoin=off', 'enable_mergejoin=off'] ELSE '{}' END LOOP
				CONTINUE WHEN EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles u ON u.oid = s.setrole
					WHERE u.rolname = r AND s.setdatabase = 0 AND setting = ANY (s.setconfig));
				EXECUTE format('ALTER ROLE %I SET %s = %L', r, split_part(setting, '=', 1),
					split_part(setting, '=', 2));
			END LOOP;
		END IF;
	END LOOP;
	-- A role that may create roles, but is no superuser, becomes pratu_owner by membership.
	IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
		EXECUTE format('GRANT pratu_owner TO %I', current_user);
	END IF;
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO pratu_owner', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO pratu_web, pratu_vault, pratu_courier, pratu_admin',
		current_database());
	REVOKE ALL ON SCHEMA public FROM PUBLIC;
END $$;
