-- SPDX-License-Identifier: Apache-2.0
-- What userinfo needs of the grant that an access token names; where it still gives something, the disclosure is
-- recorded by the same statement.
-- params: uuid, bigint, double precision, double precision, text, jsonb, inet, text, text, text
-- returns: grant_scope text, grant_claims jsonb, ticket text, sub text, offline boolean
-- returns: grant_expires_at_s bigint, revoked boolean, locked boolean, session_lives boolean, recorded boolean
-- returns: citizen_id uuid, session_id uuid, citizen_claims jsonb, citizen_updated_at_s bigint
WITH facts AS MATERIALIZED (
	SELECT g.scope, g.claims AS grant_claims, g.ticket, g.sub, g.offline, g.expires_at,
		g.revoked_at IS NOT NULL AS revoked, z.locked, g.citizen_id, g.session_id,
		g.authentication_id, z.claims, z.updated_at,
		coalesce(s.ended_at IS NULL AND s.expires_at > now()
			AND s.last_seen_at > now() - make_interval(secs => $3), false) AS session_lives
	FROM (
		SELECT * FROM idp.authz_grant WHERE grant_id = $1 AND client_id = $5
			AND created_at <= to_timestamp($2) + interval '1 minute'
		LIMIT 1
	) g
	JOIN idp.client c ON c.client_id = g.client_id AND NOT c.disabled
	JOIN idp.citizen z ON z.citizen_id = g.citizen_id
	LEFT JOIN LATERAL (
		SELECT * FROM idp.session WHERE session_id = g.session_id
			AND created_at > now() - make_interval(secs => $4)
			AND created_at <= now() + interval '1 minute'
		LIMIT 1
	) s ON true
), event AS (
	INSERT INTO record.event (kind, outcome, client_id, citizen_id, session_id, authentication_id,
		detail, address, device, user_agent, correlation_id)
	SELECT 'userinfo', 'ok', $5, citizen_id, session_id, authentication_id, $6, $7, $8, $9, $10
	FROM facts
	WHERE NOT revoked AND NOT locked AND expires_at > now() AND (offline OR session_lives)
	RETURNING 1
)
SELECT f.scope AS grant_scope, f.grant_claims, f.ticket, f.sub, f.offline,
	floor(extract(epoch FROM f.expires_at))::bigint AS grant_expires_at_s, f.revoked, f.locked,
	f.session_lives, EXISTS (SELECT FROM event) AS recorded, f.citizen_id, f.session_id,
	f.claims AS citizen_claims, floor(extract(epoch FROM f.updated_at))::bigint AS citizen_updated_at_s
FROM facts f
