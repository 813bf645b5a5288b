-- SPDX-License-Identifier: Apache-2.0
-- New tokens for a refresh token that stays as it is, of a client that authenticates: the row of the record, and what signing
-- needs. wanted: the scope that was asked for, NULL for all. No row: nothing was changed, and web/token_find tells why.
-- The grant's client is compared in a form that no index serves: of an empty partition the index by client looks as good as the key,
-- and that plan is kept while the partition grows.
-- params: token_hash bytea, from_ms bigint, until_ms bigint, client_id text, client_version bigint, scopes text[], wanted text[] null
-- params: jti text, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: ticket text, scope text, grant_claims jsonb, citizen_claims jsonb null, citizen_updated_at_s bigint null
-- rows: maybe
-- batch: 32
WITH renewed AS MATERIALIZED (
	SELECT a.job, a.jti, a.address, a.device, a.user_agent, a.correlation_id, g.*,
		idp.scope_within(g.scope, a.scopes) AS given,
		CASE WHEN g.claims ? 'id_token' THEN z.claims END AS citizen_claims,
		CASE WHEN g.claims ? 'id_token' THEN z.updated_at END AS citizen_updated_at
	FROM :asked a
	CROSS JOIN LATERAL (
		SELECT version FROM idp.client WHERE client_id = a.client_id AND NOT disabled LIMIT 1
	) c
	CROSS JOIN LATERAL (
		SELECT grant_id, grant_created_at FROM idp.refresh_token
		WHERE token_hash = a.token_hash AND created_at >= idp.at_ms(a.from_ms) AND created_at < idp.at_ms(a.until_ms)
			AND created_at >= idp.at_ms(:from_ms_least) AND created_at < idp.at_ms(:until_ms_most)
			AND spent_at IS NULL AND expires_at > now() AND client_id = a.client_id
		LIMIT 1
	) k
	JOIN LATERAL (
		SELECT * FROM idp.authz_grant
		WHERE grant_id = k.grant_id AND created_at = k.grant_created_at
		LIMIT 1
	) g ON true
	JOIN LATERAL (
		SELECT claims, updated_at FROM idp.citizen WHERE citizen_id = g.subject_id AND NOT locked LIMIT 1
	) z ON true
	WHERE a.client_version = c.version AND g.client_id IS NOT DISTINCT FROM a.client_id
		AND g.revoked_at IS NULL AND g.expires_at > now() AND g.offline
		AND (a.wanted IS NULL OR cardinality(a.scopes) > 0 AND a.wanted <@ string_to_array(g.scope, ' '))
), event AS (
	INSERT INTO record.event (kind, outcome, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti,
		scope, address, device, user_agent, correlation_id)
	SELECT 'refresh', 'ok', client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti, given,
		address, device, user_agent, correlation_id
	FROM renewed
)
SELECT job, ticket, given AS scope, claims AS grant_claims, citizen_claims,
	floor(extract(epoch FROM citizen_updated_at))::bigint AS citizen_updated_at_s
FROM renewed
