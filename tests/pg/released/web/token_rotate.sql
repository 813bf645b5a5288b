-- SPDX-License-Identifier: Apache-2.0
-- Put a new refresh token in the place of one of a client that cannot authenticate, with the row of the record; returns what
-- signing needs. The former token is spent by it; or it was spent before, and its successor was not used: then that one is
-- spent, unused, and the new one takes its place. The former is locked first, then its successor, so that of parallel tries with
-- the same token one goes on and the others find nothing here; so do others with the same token in one batch. wanted: the scope that was asked for, NULL for all. No row:
-- nothing was changed, and web/token_lock with web/token_find tells why.
-- The grant's client is compared in a form that no index serves: of an empty partition the index by client looks as good as the key,
-- and that plan is kept while the partition grows.
-- params: token_hash bytea, from_ms bigint, until_ms bigint, client_id text, client_version bigint, scopes text[], wanted text[] null
-- params: refresh_hash bytea, refresh_ms bigint, refresh_ttl_s bigint
-- params: jti text, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: ticket text, scope text, grant_claims jsonb, citizen_claims jsonb null, citizen_updated_at_s bigint null
-- rows: maybe
-- batch: 32
WITH held AS MATERIALIZED (
	SELECT a.*, k.grant_id, k.grant_created_at, k.token_created_at, k.spent_at, k.successor_hash, k.successor_created_at
	FROM :asked a
	CROSS JOIN LATERAL (
		SELECT grant_id, grant_created_at, created_at AS token_created_at, spent_at, successor_hash, successor_created_at
		FROM idp.refresh_token
		WHERE token_hash = a.token_hash AND created_at >= idp.at_ms(a.from_ms) AND created_at < idp.at_ms(a.until_ms)
			AND created_at >= idp.at_ms(:from_ms_least) AND created_at < idp.at_ms(:until_ms_most)
			AND client_id = a.client_id AND expires_at > now()
		LIMIT 1
		FOR UPDATE
	) k
), entitled AS MATERIALIZED (
	SELECT k.job, k.token_hash, k.token_created_at, k.spent_at, k.successor_hash, k.successor_created_at, k.refresh_hash,
		k.refresh_ms, k.refresh_ttl_s, k.jti, k.address, k.device, k.user_agent, k.correlation_id, g.*,
		idp.scope_within(g.scope, k.scopes) AS given, CASE WHEN g.claims ? 'id_token' THEN z.claims END AS citizen_claims,
		CASE WHEN g.claims ? 'id_token' THEN z.updated_at END AS citizen_updated_at
	FROM held k
	CROSS JOIN LATERAL (
		SELECT version FROM idp.client WHERE client_id = k.client_id AND NOT disabled LIMIT 1
	) c
	JOIN LATERAL (
		SELECT * FROM idp.authz_grant
		WHERE grant_id = k.grant_id AND created_at = k.grant_created_at
		LIMIT 1
	) g ON true
	JOIN LATERAL (
		SELECT claims, updated_at FROM idp.citizen WHERE citizen_id = g.subject_id AND NOT locked LIMIT 1
	) z ON true
	WHERE k.client_version = c.version AND g.client_id IS NOT DISTINCT FROM k.client_id
		AND g.revoked_at IS NULL AND g.expires_at > now() AND g.offline
		AND (k.wanted IS NULL OR cardinality(k.scopes) > 0 AND k.wanted <@ string_to_array(g.scope, ' '))
), replaced AS (
	UPDATE idp.refresh_token n SET spent_at = now() FROM entitled e
	WHERE e.spent_at IS NOT NULL AND n.token_hash = e.successor_hash AND n.created_at = e.successor_created_at
		AND n.spent_at IS NULL
	RETURNING e.job
), rotated AS (
	UPDATE idp.refresh_token k SET spent_at = coalesce(k.spent_at, now()), successor_hash = e.refresh_hash,
		successor_created_at = idp.at_ms(e.refresh_ms)
	FROM entitled e
	WHERE k.token_hash = e.token_hash AND k.created_at = e.token_created_at
		AND k.created_at >= idp.at_ms(:from_ms_least) AND k.created_at < idp.at_ms(:until_ms_most)
		AND (e.spent_at IS NULL OR EXISTS (SELECT FROM replaced r WHERE r.job = e.job))
	RETURNING e.job
), fresh AS (
	INSERT INTO idp.refresh_token (token_hash, grant_id, grant_created_at, client_id, created_at, expires_at)
	SELECT refresh_hash, grant_id, created_at, client_id, idp.at_ms(refresh_ms),
		least(now() + make_interval(secs => refresh_ttl_s), expires_at)
	FROM entitled JOIN rotated USING (job)
), event AS (
	INSERT INTO record.event (kind, outcome, reason, client_id, subject_id, actor_id, session_id, authentication_id, grant_id,
		jti, scope, address, device, user_agent, correlation_id)
	SELECT 'refresh', 'ok', CASE WHEN spent_at IS NOT NULL THEN 'again' END, client_id, subject_id, actor_id, session_id,
		authentication_id, grant_id, jti, given, address, device, user_agent, correlation_id
	FROM entitled JOIN rotated USING (job)
)
SELECT job, ticket, given AS scope, claims AS grant_claims, citizen_claims,
	floor(extract(epoch FROM citizen_updated_at))::bigint AS citizen_updated_at_s
FROM entitled JOIN rotated USING (job)
