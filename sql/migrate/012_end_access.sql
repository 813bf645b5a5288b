-- SPDX-License-Identifier: Apache-2.0
-- Ending one session or one grant reads the partition that its id names.

-- When the row was made that an id names: id_from <= created_at < id_until. Of a UUID of version 7 its millisecond, of any other, and
-- without one, all of time.
CREATE FUNCTION idp.id_from(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN substr(id::text, 15, 1) = '7'
		THEN idp.at_ms(('x' || left(translate(id::text, '-', ''), 12))::bit(48)::bigint) ELSE '-infinity' END;
CREATE FUNCTION idp.id_until(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN substr(id::text, 15, 1) = '7'
		THEN idp.at_ms(('x' || left(translate(id::text, '-', ''), 12))::bit(48)::bigint + 1) ELSE 'infinity' END;

-- As in 006_record.sql. 'others', 'subject' and 'client' look into every partition, for a citizen's or a client's may be in any; so
-- do the grants of a session, for they may be older than it (idp.session_replace).
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
	ELSIF what NOT IN ('grant', 'client') THEN
		RAISE EXCEPTION 'end_access: expected grant, session, others, subject or client; received %', what;
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
