-- SPDX-License-Identifier: Apache-2.0
-- The record: subject and actor, columns for what is searched, its time and its writer by the database, kinds by role; and the
-- one function that ends access.

ALTER TABLE record.event RENAME COLUMN citizen_id TO subject_id;
ALTER TABLE record.event
	ADD COLUMN actor_id uuid,                 -- who acted; NULL in rows of older versions: the subject
	ADD COLUMN grant_id uuid,
	ADD COLUMN jti text,                      -- of the access token
	ADD COLUMN scope text,                    -- space-separated
	ADD COLUMN factor text,                   -- kind of the second factor
	ADD COLUMN login_hash text,               -- keyed hash of a login name that is nobody's
	ADD COLUMN n bigint NOT NULL DEFAULT 1,   -- how many it stands for: refusals of strangers are counted by the minute
	ADD COLUMN writer name;                   -- the database role that wrote it; NULL in rows of older versions
ALTER TABLE record.event ALTER COLUMN writer SET DEFAULT session_user;

-- Each role writes its own kinds only. A new kind is a word here, in a new migration. A function: PostgreSQL reads a CHECK from its
-- text for every statement that inserts, and the list took a fifth of a whole code redemption.
CREATE FUNCTION record.writer_may(writer name, kind text, outcome text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN CASE writer
	WHEN 'pratu_web' THEN kind IN ('authorize', 'code', 'consent', 'token', 'refresh', 'userinfo', 'introspect', 'revoke',
		'client_auth', 'logout', 'session_end') OR (kind = 'sign_in' AND outcome = 'abandoned')
	WHEN 'pratu_vault' THEN kind IN ('password', 'factor', 'sign_in', 'national_id', 'keys_rotate', 'keys_publish', 'factor_block',
		'revoke', 'session_end')
	WHEN 'pratu_admin' THEN kind IN ('apply', 'citizen_list', 'citizen_show', 'lock', 'unlock', 'keys_rotate', 'records_list',
		'expire', 'revoke', 'session_end')
	ELSE true END;
END $$;
GRANT EXECUTE ON FUNCTION record.writer_may(name, text, text) TO pratu_web, pratu_vault, pratu_admin;
ALTER TABLE record.event ADD CONSTRAINT writer_kind CHECK (record.writer_may(writer, kind, outcome)) NOT VALID;

-- Time, writer and id are the database's.
REVOKE INSERT ON record.event FROM pratu_web, pratu_vault, pratu_admin;
GRANT INSERT (kind, outcome, reason, subject_id, actor_id, session_id, authentication_id, grant_id, client_id, jti, scope,
	factor, login_hash, acr, amr, address, device, user_agent, correlation_id, n, detail)
	ON record.event TO pratu_web, pratu_vault, pratu_admin;

-- ---------------------------------------------------------------- the one way to end access

-- From whom the end comes, for the record.
CREATE TYPE record.context AS (
	actor_id uuid, address inet, device text, user_agent text, correlation_id text
);

-- End access, whatever the cause. what: 'grant' (grant_id), 'session' (session_id), 'others' (all sessions of subject_id but
-- session_id), 'subject' (all of subject_id), 'client' (all grants of client_id). Arguments that are given narrow it further: a session
-- of another subject is not ended. keep_offline: grants that outlive their session stay, as at a sign-out. cause: a short fixed word.
-- One row of the record for each session and each grant that ended; what had ended before is left alone. Returns what was ended.
-- An outbox for back-channel logout is told here, and nowhere else.
-- enable_seqscan: a plan that was made while a day's partition was small is kept while it grows.
CREATE FUNCTION idp.end_access(what text, subject uuid, session uuid, granted uuid, client text, keep_offline boolean,
	cause text, context record.context)
RETURNS TABLE (ended_session uuid, ended_grant uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
	sessions uuid[] := '{}';
	grants uuid[] := '{}';
BEGIN
	-- What is meant, by look-ups of their own: one plan for all causes would read everything.
	IF what = 'session' THEN
		sessions := ARRAY[session];
	ELSIF what = 'others' THEN
		sessions := ARRAY(SELECT s.session_id FROM idp.session s
			WHERE s.subject_id = subject AND s.session_id <> session AND s.ended_at IS NULL);
	ELSIF what = 'subject' THEN
		sessions := ARRAY(SELECT s.session_id FROM idp.session s WHERE s.subject_id = subject AND s.ended_at IS NULL);
	ELSIF what NOT IN ('grant', 'client') THEN
		RAISE EXCEPTION 'end_access: expected grant, session, others, subject or client; received %', what;
	END IF;
	WITH ended AS (
		UPDATE idp.session s SET ended_at = now(), ticket = ''
		WHERE s.session_id = ANY (sessions) AND s.ended_at IS NULL AND s.expires_at > now()
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

	IF what = 'grant' THEN
		grants := ARRAY[granted];
	ELSIF what = 'client' THEN
		grants := ARRAY(SELECT g.grant_id FROM idp.authz_grant g WHERE g.client_id = client AND g.revoked_at IS NULL);
	ELSIF what = 'subject' THEN
		grants := ARRAY(SELECT g.grant_id FROM idp.authz_grant g WHERE g.subject_id = subject AND g.revoked_at IS NULL);
	ELSE
		grants := ARRAY(SELECT g.grant_id FROM idp.authz_grant g WHERE g.session_id = ANY (sessions) AND g.revoked_at IS NULL);
	END IF;
	WITH ended AS (
		UPDATE idp.authz_grant g SET revoked_at = now(), ticket = ''
		WHERE g.grant_id = ANY (grants) AND g.revoked_at IS NULL AND g.expires_at > now()
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
GRANT EXECUTE ON FUNCTION idp.end_access(text, uuid, uuid, uuid, text, boolean, text, record.context)
	TO pratu_web, pratu_vault, pratu_admin;
GRANT USAGE ON TYPE record.context TO pratu_web, pratu_vault, pratu_admin;

-- Ending goes through the function: no role ends, or revives, by an UPDATE of its own.
REVOKE UPDATE ON idp.session, idp.authz_grant FROM pratu_web, pratu_admin;
GRANT UPDATE (last_seen_at) ON idp.session TO pratu_web;
GRANT UPDATE (session_id, session_created_at) ON idp.authz_grant TO pratu_web;
GRANT UPDATE (successor_hash, successor_created_at) ON idp.refresh_token TO pratu_web;
REVOKE UPDATE (ended_at) ON idp.session FROM pratu_web, pratu_admin;
REVOKE UPDATE (revoked_at) ON idp.authz_grant FROM pratu_web, pratu_admin;
