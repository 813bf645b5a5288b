-- SPDX-License-Identifier: Apache-2.0
-- All that is known of a code (code_hash), of a refresh token (refresh_hash) or of the grant that an access token names, with
-- its session and citizen, for introspection, revocation and to tell why nothing was spent. from_ms and until_ms: the span of
-- that one. Always one row; what is not there is NULL. Times are judged by the database's clock, as when it spends.
-- Each LATERAL ... LIMIT 1 is a look-up by key, whatever a new partition's statistics make the planner believe.
-- params: code_hash bytea null, refresh_hash bytea null, grant_id uuid null, from_ms bigint, until_ms bigint
-- params: client_id text, session_idle_s double precision, session_absolute_s double precision
-- returns: client_version bigint null, held_by text null, spent boolean, expired boolean, expires_at_s bigint null
-- returns: expired_for_s bigint null, redirect_uri text null, code_challenge text null, successor_unused boolean
-- returns: grant_id uuid null, grant_scope text null, offline boolean, grant_expired boolean, revoked boolean, sub text null
-- returns: subject_id uuid null, actor_id uuid null, session_id uuid null, authentication_id uuid null, locked boolean
-- returns: session_lives boolean
-- rows: one
SELECT (SELECT version FROM idp.client WHERE client_id = :client_id AND NOT disabled) AS client_version,
	coalesce(k.client_id, r.client_id, g.client_id) AS held_by,
	coalesce(k.spent_at, r.spent_at) IS NOT NULL AS spent,
	coalesce(coalesce(k.expires_at, r.expires_at) <= now(), false) AS expired,
	floor(extract(epoch FROM coalesce(k.expires_at, r.expires_at)))::bigint AS expires_at_s,
	floor(extract(epoch FROM now() - coalesce(k.expires_at, r.expires_at)))::bigint AS expired_for_s,
	k.redirect_uri, k.code_challenge,
	r.successor_hash IS NOT NULL AND EXISTS (SELECT FROM idp.refresh_token n WHERE n.token_hash = r.successor_hash
		AND n.created_at = r.successor_created_at AND n.spent_at IS NULL) AS successor_unused,
	g.grant_id, g.scope AS grant_scope, coalesce(g.offline, false) AS offline,
	coalesce(g.expires_at <= now(), true) AS grant_expired, g.revoked_at IS NOT NULL AS revoked, g.sub,
	g.subject_id, g.actor_id, g.session_id, g.authentication_id, coalesce(z.locked, true) AS locked,
	coalesce(s.ended_at IS NULL AND s.expires_at > now()
		AND s.last_seen_at > now() - make_interval(secs => :session_idle_s), false) AS session_lives
FROM (VALUES (1)) AS one
LEFT JOIN LATERAL (
	SELECT * FROM idp.code
	WHERE code_hash = :code_hash AND created_at >= idp.at_ms(:from_ms) AND created_at < idp.at_ms(:until_ms)
	LIMIT 1
) k ON true
LEFT JOIN LATERAL (
	SELECT * FROM idp.refresh_token
	WHERE token_hash = :refresh_hash AND created_at >= idp.at_ms(:from_ms) AND created_at < idp.at_ms(:until_ms)
	LIMIT 1
) r ON true
LEFT JOIN LATERAL (
	SELECT * FROM idp.authz_grant
	WHERE authz_grant.grant_id = coalesce(k.grant_id, r.grant_id, :grant_id)
		AND created_at >= coalesce(k.grant_created_at, r.grant_created_at, idp.at_ms(:from_ms))
		AND created_at < coalesce(k.grant_created_at + interval '1 ms', r.grant_created_at + interval '1 ms', idp.at_ms(:until_ms))
	LIMIT 1
) g ON true
LEFT JOIN idp.citizen z ON z.citizen_id = g.subject_id
LEFT JOIN LATERAL (
	SELECT * FROM idp.session
	WHERE session.session_id = g.session_id AND created_at = g.session_created_at
		AND created_at > now() - make_interval(secs => :session_absolute_s) AND created_at <= now() + interval '1 minute'
	LIMIT 1
) s ON true
