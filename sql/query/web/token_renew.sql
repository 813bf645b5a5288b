-- SPDX-License-Identifier: Apache-2.0
-- New tokens for a refresh token that stays as it is, of a client that authenticates: the row of the record, and what signing
-- needs. wanted: the scope that was asked for, NULL for all. No row: nothing was changed, and web/token_find tells why.
-- The grant's client is compared in a form that no index serves: of an empty partition the index by client looks as good as the key,
-- and that plan is kept while the partition grows.
-- params: token_hash bytea, from_ms bigint, until_ms bigint, client_id text, client_version bigint, scopes text[], wanted text[] null
-- params: jti text, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: ticket text, scope text, grant_claims jsonb, citizen_claims jsonb null, citizen_updated_at_s bigint null
-- rows: maybe
WITH renewed AS MATERIALIZED (
	SELECT g.*, idp.scope_within(g.scope, :scopes) AS given,
		CASE WHEN g.claims ? 'id_token' THEN z.claims END AS citizen_claims,
		CASE WHEN g.claims ? 'id_token' THEN z.updated_at END AS citizen_updated_at
	FROM idp.refresh_token k
	JOIN LATERAL (
		SELECT * FROM idp.authz_grant
		WHERE grant_id = k.grant_id AND created_at = k.grant_created_at
		LIMIT 1
	) g ON true
	JOIN LATERAL (
		SELECT claims, updated_at FROM idp.citizen WHERE citizen_id = g.subject_id AND NOT locked LIMIT 1
	) z ON true
	WHERE k.token_hash = :token_hash AND k.created_at >= idp.at_ms(:from_ms) AND k.created_at < idp.at_ms(:until_ms)
		AND k.spent_at IS NULL AND k.expires_at > now() AND k.client_id = :client_id
		AND :client_version = (SELECT version FROM idp.client WHERE client_id = :client_id AND NOT disabled)
		AND g.client_id IS NOT DISTINCT FROM :client_id AND g.revoked_at IS NULL AND g.expires_at > now() AND g.offline
		AND (:wanted::text[] IS NULL OR :wanted <@ string_to_array(g.scope, ' '))
), event AS (
	INSERT INTO record.event (kind, outcome, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti,
		scope, address, device, user_agent, correlation_id)
	SELECT 'refresh', 'ok', client_id, subject_id, actor_id, session_id, authentication_id, grant_id, :jti, given,
		:address, :device, :user_agent, :correlation_id
	FROM renewed
)
SELECT ticket, given AS scope, claims AS grant_claims, citizen_claims,
	floor(extract(epoch FROM citizen_updated_at))::bigint AS citizen_updated_at_s
FROM renewed
