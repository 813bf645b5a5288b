-- SPDX-License-Identifier: Apache-2.0
-- Put a new refresh token in the place of one of a client that cannot authenticate, with the row of the record; returns what
-- signing needs. The former token is spent by it; or it was spent before, and its successor was not used: then that one is
-- spent, unused, and the new one takes its place. The former is locked first, then its successor, so that of parallel tries with
-- the same token one goes on and the others find nothing here. Sub-selects, not joins,
-- find both by key whatever the planner believes about sizes. wanted: the scope that was asked for, NULL for all. No row:
-- nothing was changed, and web/token_lock with web/token_find tells why.
-- The grant's client is compared in a form that no index serves: of an empty partition the index by client looks as good as the key,
-- and that plan is kept while the partition grows.
-- params: token_hash bytea, from_ms bigint, until_ms bigint, client_id text, client_version bigint, scopes text[], wanted text[] null
-- params: refresh_hash bytea, refresh_ms bigint, refresh_ttl_s bigint
-- params: jti text, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: ticket text, scope text, grant_claims jsonb, citizen_claims jsonb null, citizen_updated_at_s bigint null
-- rows: maybe
WITH held AS MATERIALIZED (
	SELECT grant_id, grant_created_at, spent_at, successor_hash, successor_created_at FROM idp.refresh_token
	WHERE token_hash = :token_hash AND created_at >= idp.at_ms(:from_ms) AND created_at < idp.at_ms(:until_ms)
		AND client_id = :client_id AND expires_at > now()
	FOR UPDATE
), entitled AS MATERIALIZED (
	SELECT g.*, idp.scope_within(g.scope, :scopes) AS given, k.spent_at, k.successor_hash,
		k.successor_created_at, CASE WHEN g.claims ? 'id_token' THEN z.claims END AS citizen_claims,
		CASE WHEN g.claims ? 'id_token' THEN z.updated_at END AS citizen_updated_at
	FROM held k
	JOIN LATERAL (
		SELECT * FROM idp.authz_grant
		WHERE grant_id = k.grant_id AND created_at = k.grant_created_at
		LIMIT 1
	) g ON true
	JOIN LATERAL (
		SELECT claims, updated_at FROM idp.citizen WHERE citizen_id = g.subject_id AND NOT locked LIMIT 1
	) z ON true
	WHERE :client_version = (SELECT version FROM idp.client WHERE client_id = :client_id AND NOT disabled)
		AND g.client_id IS NOT DISTINCT FROM :client_id AND g.revoked_at IS NULL AND g.expires_at > now() AND g.offline
		AND (:wanted::text[] IS NULL OR :wanted <@ string_to_array(g.scope, ' '))
), replaced AS (
	UPDATE idp.refresh_token SET spent_at = now()
	WHERE token_hash = (SELECT successor_hash FROM entitled WHERE spent_at IS NOT NULL)
		AND created_at = (SELECT successor_created_at FROM entitled) AND spent_at IS NULL
	RETURNING 1
), rotated AS (
	UPDATE idp.refresh_token SET spent_at = coalesce(spent_at, now()), successor_hash = :refresh_hash,
		successor_created_at = idp.at_ms(:refresh_ms)
	WHERE token_hash = :token_hash AND created_at >= idp.at_ms(:from_ms) AND created_at < idp.at_ms(:until_ms)
		AND (SELECT e.spent_at IS NULL OR EXISTS (SELECT FROM replaced) FROM entitled e)
	RETURNING 1
), fresh AS (
	INSERT INTO idp.refresh_token (token_hash, grant_id, grant_created_at, client_id, created_at, expires_at)
	SELECT :refresh_hash, grant_id, created_at, client_id, idp.at_ms(:refresh_ms),
		least(now() + make_interval(secs => :refresh_ttl_s), expires_at)
	FROM entitled, rotated
), event AS (
	INSERT INTO record.event (kind, outcome, reason, client_id, subject_id, actor_id, session_id, authentication_id, grant_id,
		jti, scope, address, device, user_agent, correlation_id)
	SELECT 'refresh', 'ok', CASE WHEN spent_at IS NOT NULL THEN 'again' END, client_id, subject_id, actor_id, session_id,
		authentication_id, grant_id, :jti, given, :address, :device, :user_agent, :correlation_id
	FROM entitled, rotated
)
SELECT ticket, given AS scope, claims AS grant_claims, citizen_claims,
	floor(extract(epoch FROM citizen_updated_at))::bigint AS citizen_updated_at_s
FROM entitled, rotated
