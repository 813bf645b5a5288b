-- SPDX-License-Identifier: Apache-2.0
-- Whether the database holds anything of anybody's: a schema, or something in schema public.
-- params: none
-- returns: name text, there boolean
-- rows: one
SELECT current_database()::text AS name,
	EXISTS (SELECT FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public'))
	OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace) AS there
