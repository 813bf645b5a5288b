-- SPDX-License-Identifier: Apache-2.0
-- A database that was restored to an earlier moment holds what has ended since: it is not used before that was ended again.

-- Which database this is, as it was last confirmed: by this migration, or by `pratu recover`. A copy (pg_restore) has another identity
-- than the row that came with it: another cluster or database, or, read back into the same one, another table. A moment before which
-- nothing that was proven counts any more; '-infinity': all of it counts.
CREATE TABLE idp.instance (
	one               boolean PRIMARY KEY DEFAULT true CHECK (one),
	system_identifier bigint NOT NULL,       -- of the PostgreSQL cluster; 0: `pratu recover` has begun and has not ended
	database_oid      oid NOT NULL,
	table_oid         oid NOT NULL,          -- of this table
	timeline          integer NOT NULL,      -- a fail-over and a restore by WAL begin a new one
	confirmed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
	access_from       timestamptz NOT NULL DEFAULT '-infinity', -- sign-ins that began before do not end in a session
	steps_from        timestamptz NOT NULL DEFAULT '-infinity'  -- steps (TOTP) that began before are not accepted
);
GRANT SELECT ON idp.instance TO pratu_web, pratu_vault, pratu_admin;

-- The timeline of a standby is that of what it replays, which its primary's row names: NULL.
CREATE FUNCTION idp.timeline_here() RETURNS integer LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN NOT pg_is_in_recovery()
		THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer END
$$;
CREATE FUNCTION idp.database_here() RETURNS oid LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT d.oid FROM pg_database d WHERE d.datname = current_database()
$$;
INSERT INTO idp.instance (system_identifier, database_oid, table_oid, timeline)
	SELECT c.system_identifier, idp.database_here(), 'idp.instance'::regclass, coalesce(idp.timeline_here(), 1) FROM pg_control_system() c;

-- Each connection of a role that serves begins with this: an error on a database that is a copy of another one.
CREATE FUNCTION idp.admit() RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM idp.instance i, pg_control_system() c
		WHERE i.one AND i.system_identifier = c.system_identifier AND i.database_oid = idp.database_here()
			AND i.table_oid = i.tableoid) THEN
		RAISE EXCEPTION 'this database was restored or copied, and may hold what has ended since: run `pratu recover`'
			USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
END $$;
GRANT EXECUTE ON FUNCTION idp.timeline_here(), idp.database_here() TO pratu_web, pratu_vault, pratu_admin;
GRANT EXECUTE ON FUNCTION idp.admit() TO pratu_web, pratu_vault;
-- When the sign-in with a partial ticket began.
GRANT EXECUTE ON FUNCTION idp.id_from(uuid) TO pratu_vault;

-- ---------------------------------------------------------------- kinds of the record

-- As in 013_writer.sql, without SET; with `access_end` (and `recover`, which the owner writes). The vault writes only kinds of events
-- that it has: a national ID is disclosed with the web role's userinfo, keys are rotated by the command line, and that a key is
-- published is no event. Rows that are there stay.
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
			'records_list', 'expire', 'revoke', 'session_end', 'access_end')
		ELSE true END) THEN
		RAISE EXCEPTION 'writer_kind: % does not write events of kind %', NEW.writer, NEW.kind
			USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;

-- ---------------------------------------------------------------- ending everything

-- As in 017_signin_cost.sql; and a session stands on a sign-in that began after all access was last ended.
CREATE OR REPLACE FUNCTION idp.session_begins() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	began_at CONSTANT timestamptz := idp.id_until(NEW.authentication_id);
BEGIN
	PERFORM FROM idp.citizen c WHERE c.citizen_id = NEW.subject_id AND NOT c.locked AND c.credentials_at <= began_at
		AND EXISTS (SELECT FROM idp.instance i WHERE i.one AND i.access_from < began_at - interval '1 millisecond')
		FOR SHARE OF c;
	IF FOUND THEN
		RETURN NEW;
	END IF;
	RETURN NULL;
END $$;

-- As in 012_end_access.sql, and 'all': every session and every grant.
CREATE OR REPLACE FUNCTION idp.end_access(what text, subject uuid, session uuid, granted uuid, client text, keep_offline boolean,
	cause text, context record.context)
RETURNS TABLE (ended_session uuid, ended_grant uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
	sessions uuid[] := '{}';
	grants uuid[] := '{}';
	one_session uuid := CASE what WHEN 'session' THEN session END;
	session_from timestamptz := idp.id_from(one_session);
	session_until timestamptz := idp.id_until(one_session);
	one_grant uuid := CASE what WHEN 'grant' THEN granted END;
	grant_from timestamptz := idp.id_from(one_grant);
	grant_until timestamptz := idp.id_until(one_grant);
BEGIN
	-- What is meant, by look-ups of their own: one plan for all causes would read everything.
	IF what = 'session' THEN
		sessions := ARRAY[session];
	ELSIF what = 'others' THEN
		sessions := ARRAY(SELECT s.session_id FROM idp.session s
			WHERE s.subject_id = subject AND s.session_id <> session AND s.ended_at IS NULL);
	ELSIF what = 'subject' THEN
		sessions := ARRAY(SELECT s.session_id FROM idp.session s WHERE s.subject_id = subject AND s.ended_at IS NULL);
	ELSIF what = 'all' THEN
		IF session_user IN ('pratu_web', 'pratu_vault') THEN -- no request of anybody asks for that
			RAISE EXCEPTION 'end_access: % does not end everything', session_user USING ERRCODE = 'insufficient_privilege';
		END IF;
		sessions := ARRAY(SELECT s.session_id FROM idp.session s WHERE s.ended_at IS NULL AND s.expires_at > now());
	ELSIF what NOT IN ('grant', 'client') THEN
		RAISE EXCEPTION 'end_access: expected grant, session, others, subject, client or all; received %', what;
	END IF;
	IF cardinality(sessions) > 0 THEN
		WITH ended AS (
			UPDATE idp.session s SET ended_at = now(), ticket = ''
			WHERE s.session_id = ANY (sessions) AND s.created_at >= session_from AND s.created_at < session_until
				AND s.ended_at IS NULL AND s.expires_at > now()
				AND (subject IS NULL OR s.subject_id = subject)
			RETURNING s.session_id, s.subject_id, s.authentication_id, s.acr, s.amr
		), recorded AS (
			INSERT INTO record.event (kind, outcome, reason, subject_id, actor_id, session_id, authentication_id, acr, amr,
				address, device, user_agent, correlation_id)
			SELECT 'session_end', 'ok', cause, e.subject_id, coalesce(context.actor_id, e.subject_id), e.session_id,
				e.authentication_id, e.acr, e.amr, context.address, context.device, context.user_agent,
				context.correlation_id
			FROM ended e
		)
		SELECT coalesce(array_agg(e.session_id), '{}') INTO sessions FROM ended e;
	END IF;

	IF what = 'grant' THEN
		grants := ARRAY[granted];
	ELSIF what = 'client' THEN
		grants := ARRAY(SELECT g.grant_id FROM idp.authz_grant g WHERE g.client_id = client AND g.revoked_at IS NULL);
	ELSIF what = 'subject' THEN
		grants := ARRAY(SELECT g.grant_id FROM idp.authz_grant g WHERE g.subject_id = subject AND g.revoked_at IS NULL);
	ELSIF what = 'all' THEN
		grants := ARRAY(SELECT g.grant_id FROM idp.authz_grant g WHERE g.revoked_at IS NULL AND g.expires_at > now());
	ELSE
		grants := ARRAY(SELECT g.grant_id FROM idp.authz_grant g WHERE g.session_id = ANY (sessions) AND g.revoked_at IS NULL);
	END IF;
	WITH ended AS (
		UPDATE idp.authz_grant g SET revoked_at = now(), ticket = ''
		WHERE g.grant_id = ANY (grants) AND g.created_at >= grant_from AND g.created_at < grant_until
			AND g.revoked_at IS NULL AND g.expires_at > now()
			AND (subject IS NULL OR g.subject_id = subject) AND (client IS NULL OR g.client_id = client)
			AND NOT (keep_offline AND g.offline)
		RETURNING g.grant_id, g.client_id, g.session_id, g.subject_id, g.authentication_id
	), recorded AS (
		INSERT INTO record.event (kind, outcome, reason, subject_id, actor_id, session_id, authentication_id, grant_id,
			client_id, address, device, user_agent, correlation_id)
		SELECT 'revoke', 'ok', cause, e.subject_id, coalesce(context.actor_id, e.subject_id), e.session_id,
			e.authentication_id, e.grant_id, e.client_id, context.address, context.device, context.user_agent,
			context.correlation_id
		FROM ended e
	)
	SELECT coalesce(array_agg(e.grant_id), '{}') INTO grants FROM ended e;

	RETURN QUERY SELECT unnest(sessions), NULL::uuid UNION ALL SELECT NULL::uuid, unnest(grants);
END $$;

-- What `pratu session end --all` calls before end_access, each in a transaction of its own: first no sign-in that is under way ends in
-- a session any more; then the sessions that were being made are waited for, so that end_access sees them.
CREATE FUNCTION idp.access_void() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	UPDATE idp.instance SET access_from = clock_timestamp()
$$;
CREATE FUNCTION idp.access_settle() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	LOCK TABLE ONLY idp.session IN SHARE MODE;
END $$;
GRANT EXECUTE ON FUNCTION idp.access_void(), idp.access_settle() TO pratu_admin;

-- ---------------------------------------------------------------- after a restore

-- For pratu_owner alone: `pratu recover` calls them over owner_database.

-- Nobody is admitted from the commit of this on. Who was is told by idp.serving().
CREATE FUNCTION idp.recover_begin() RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	UPDATE idp.instance SET system_identifier = 0
$$;

-- How many connections of roles that serve there are to this database.
CREATE FUNCTION idp.serving() RETURNS bigint LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(*) FROM pg_stat_activity a
	WHERE a.datname = current_database() AND a.usename IN ('pratu_web', 'pratu_vault')
$$;

-- This is the database from now on.
CREATE FUNCTION idp.recover_confirm() RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	UPDATE idp.instance SET system_identifier = (SELECT c.system_identifier FROM pg_control_system() c),
		database_oid = idp.database_here(), table_oid = tableoid, timeline = idp.timeline_here(), confirmed_at = clock_timestamp()
$$;

-- End and void all that this database holds alive, as it may have ended since: sessions and grants, and with these each code and
-- refresh token; sign-ins under way; codes of factors with steps; every signing key, of which the vault makes new ones.
CREATE FUNCTION idp.recover(correlation text) RETURNS TABLE (sessions bigint, grants bigint, keys bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
	withdrawn bigint;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('pratu.signing_key', 0));
	UPDATE vault.signing_key SET retired_at = least(retired_at, clock_timestamp()), sealed = '' WHERE sealed <> '';
	GET DIAGNOSTICS withdrawn = ROW_COUNT;
	DELETE FROM vault.publisher;
	UPDATE idp.instance SET access_from = clock_timestamp(), steps_from = clock_timestamp();
	PERFORM idp.recover_confirm();
	RETURN QUERY SELECT count(e.ended_session), count(e.ended_grant), withdrawn
	FROM idp.end_access('all', NULL, NULL, NULL, NULL, false, 'recover', ROW(NULL, NULL, NULL, NULL, correlation)::record.context) e;
END $$;
