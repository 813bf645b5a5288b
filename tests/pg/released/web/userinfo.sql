-- SPDX-License-Identifier: Apache-2.0
-- What userinfo needs of the grant that an access token names (from_ms and until_ms: the span of its id); where it still gives
-- something, the disclosure is recorded by the same statement (recorded). Times are judged by the database's clock. No row: there is
-- no such grant, or its client is disabled.
-- params: grant_id uuid, from_ms bigint, until_ms bigint, client_id text, session_idle_s double precision
-- params: session_absolute_s double precision, jti text, scope text
-- params: address inet null, device text null, user_agent text null, correlation_id text null
-- returns: grant_scope text, grant_claims jsonb, ticket text, sub text, offline boolean, grant_expired boolean, revoked boolean
-- returns: locked boolean, session_lives boolean, recorded boolean, grant_id uuid, subject_id uuid, actor_id uuid
-- returns: session_id uuid, authentication_id uuid, citizen_claims jsonb, citizen_updated_at_s bigint
-- rows: maybe
-- batch: 32
WITH facts AS MATERIALIZED (
	SELECT a.job, a.client_id, a.jti, a.scope, a.address, a.device, a.user_agent, a.correlation_id, g.grant_id,
		g.scope AS grant_scope, g.claims AS grant_claims, g.ticket, g.sub, g.offline, g.expires_at <= now() AS expired,
		g.revoked_at IS NOT NULL AS revoked, g.subject_id, g.actor_id, g.session_id, g.authentication_id,
		z.locked, z.claims, z.updated_at, coalesce(s.lives, false) AS session_lives,
		g.revoked_at IS NULL AND g.expires_at > now() AND NOT z.locked AND (g.offline OR coalesce(s.lives, false)) AS gives
	FROM :asked a
	CROSS JOIN LATERAL (
		SELECT * FROM idp.authz_grant
		WHERE grant_id = a.grant_id AND client_id IS NOT DISTINCT FROM a.client_id
			AND created_at >= idp.at_ms(a.from_ms) AND created_at < idp.at_ms(a.until_ms)
			AND created_at >= idp.at_ms(:from_ms_least) AND created_at < idp.at_ms(:until_ms_most)
		LIMIT 1
	) g
	CROSS JOIN LATERAL (SELECT locked, claims, updated_at FROM idp.citizen WHERE citizen_id = g.subject_id LIMIT 1) z
	LEFT JOIN LATERAL (
		SELECT ended_at IS NULL AND expires_at > now()
			AND last_seen_at > now() - make_interval(secs => a.session_idle_s) AS lives
		FROM idp.session
		WHERE session_id = g.session_id AND created_at = g.session_created_at
			AND created_at > now() - make_interval(secs => a.session_absolute_s)
			AND created_at > now() - make_interval(secs => :session_absolute_s_most)
			AND created_at <= now() + interval '1 minute'
		LIMIT 1
	) s ON true
	WHERE EXISTS (SELECT FROM idp.client c WHERE c.client_id = a.client_id AND NOT c.disabled)
), event AS (
	INSERT INTO record.event (kind, outcome, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti,
		scope, address, device, user_agent, correlation_id)
	SELECT 'userinfo', 'ok', client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti, scope,
		address, device, user_agent, correlation_id
	FROM facts
	WHERE gives
	RETURNING 1
)
SELECT job, grant_scope, grant_claims, ticket, sub, offline, expired AS grant_expired, revoked, locked, session_lives,
	gives AND (SELECT count(*) FROM event) = (SELECT count(*) FROM facts WHERE gives) AS recorded,
	grant_id, subject_id, actor_id, session_id, authentication_id,
	claims AS citizen_claims, floor(extract(epoch FROM updated_at))::bigint AS citizen_updated_at_s
FROM facts
