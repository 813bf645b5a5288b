-- SPDX-License-Identifier: Apache-2.0
-- The vault writes only kinds of events that it has: a national ID is disclosed with the web role's userinfo, keys are rotated by
-- the command line, and that a key is published is no event. Rows that are there stay.
-- Without SET, as in 013_writer.sql.
CREATE OR REPLACE FUNCTION record.check_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.outcome NOT IN ('ok', 'refused', 'failed', 'abandoned') THEN
		RAISE EXCEPTION 'event_outcome: expected ok, refused, failed or abandoned; received %', NEW.outcome
			USING ERRCODE = 'check_violation';
	END IF;
	IF NOT (CASE NEW.writer
		WHEN 'pratu_web' THEN NEW.kind IN ('authorize', 'code', 'consent', 'token', 'refresh', 'userinfo', 'introspect',
			'revoke', 'client_auth', 'logout', 'session_end') OR (NEW.kind = 'sign_in' AND NEW.outcome = 'abandoned')
		WHEN 'pratu_vault' THEN NEW.kind IN ('password', 'factor', 'sign_in', 'factor_block', 'revoke', 'session_end')
		WHEN 'pratu_admin' THEN NEW.kind IN ('apply', 'citizen_list', 'citizen_show', 'lock', 'unlock', 'keys_rotate',
			'records_list', 'expire', 'revoke', 'session_end')
		ELSE true END) THEN
		RAISE EXCEPTION 'writer_kind: % does not write events of kind %', NEW.writer, NEW.kind
			USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;

-- Return when every statement that was storing or changing grants is over: what it stored is seen by the next. Those that come
-- meanwhile wait; after 2 s of waiting it gives up (lock_not_available), so that no sign-in waits longer. A statement locks the table
-- before it takes its snapshot, so one that comes later sees what was committed before this was called.
CREATE FUNCTION idp.grants_settled() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
BEGIN
	LOCK TABLE ONLY idp.authz_grant IN SHARE MODE;
END $$;
REVOKE ALL ON FUNCTION idp.grants_settled() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION idp.grants_settled() TO pratu_admin;
