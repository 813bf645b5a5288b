-- SPDX-License-Identifier: Apache-2.0
-- The client, and the refresh token with its grant, session and citizen.
-- Each LATERAL ... LIMIT 1 is a look-up by key, whatever a new partition's statistics make the planner believe.
-- params: text, bytea, double precision, double precision
-- returns: metadata jsonb, secret_hash bytea, disabled boolean, held_by text, created_at text, spent boolean
-- returns: expires_at_s bigint, redirect_uri text, code_challenge text, nonce text
-- returns: grant_id uuid, grant_created_at text, grant_scope text, grant_claims jsonb, ticket text
-- returns: offline boolean, grant_expires_at_s bigint, revoked boolean, sub text, citizen_id uuid
-- returns: session_id uuid, authentication_id uuid, locked boolean, session_lives boolean
-- returns: acr text, amr text, citizen_claims jsonb, citizen_updated_at_s bigint
SELECT c.metadata, c.secret_hash, coalesce(c.disabled, true) AS disabled,
	k.client_id AS held_by, k.created_at::text AS created_at, k.spent_at IS NOT NULL AS spent,
	floor(extract(epoch FROM k.expires_at))::bigint AS expires_at_s, NULL AS redirect_uri,
	NULL AS code_challenge, NULL AS nonce,
	g.grant_id, g.created_at::text AS grant_created_at, g.scope AS grant_scope,
	g.claims AS grant_claims, g.ticket, g.offline,
	floor(extract(epoch FROM g.expires_at))::bigint AS grant_expires_at_s,
	g.revoked_at IS NOT NULL AS revoked, g.sub, g.citizen_id, g.session_id, g.authentication_id,
	coalesce(z.locked, true) AS locked,
	coalesce(s.ended_at IS NULL AND s.expires_at > now()
		AND s.last_seen_at > now() - make_interval(secs => $3), false) AS session_lives,
	s.acr, s.amr::text AS amr,
	CASE WHEN g.claims ? 'id_token' THEN z.claims END AS citizen_claims,
	floor(extract(epoch FROM z.updated_at))::bigint AS citizen_updated_at_s
FROM (VALUES (1)) AS one
LEFT JOIN idp.client c ON c.client_id = $1
LEFT JOIN LATERAL (
	SELECT * FROM idp.refresh_token
	WHERE token_hash = $2 AND created_at <= now() + interval '1 minute'
	LIMIT 1
) k ON true
LEFT JOIN LATERAL (
	SELECT * FROM idp.authz_grant WHERE grant_id = k.grant_id
		AND created_at <= k.created_at + interval '1 minute'
		AND created_at <= now() + interval '1 minute'
	LIMIT 1
) g ON true
LEFT JOIN idp.citizen z ON z.citizen_id = g.citizen_id
LEFT JOIN LATERAL (
	SELECT * FROM idp.session WHERE session_id = g.session_id
		AND created_at > now() - make_interval(secs => $4)
		AND created_at <= now() + interval '1 minute'
	LIMIT 1
) s ON true
