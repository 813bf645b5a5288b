-- SPDX-License-Identifier: Apache-2.0
-- Spend a code, once, if all fits and still stands: client and its version, redirect_uri, challenge, grant, session, citizen.
-- With it the refresh token (refresh_hash, NULL for none; given for an offline grant only) and the row of the record. Returns
-- what signing needs. No row: nothing was changed, and web/token_find tells why.
-- The challenge is no secret (the verifier is), so it needs no comparison in constant time.
-- The grant's client is compared in a form that no index serves: of an empty partition the index by client looks as good as the key,
-- and that plan is kept while the partition grows.
-- params: code_hash bytea, from_ms bigint, until_ms bigint, client_id text, client_version bigint, redirect_uri text
-- params: code_challenge text null, scopes text[], session_idle_s double precision, session_absolute_s double precision
-- params: refresh_hash bytea null, refresh_ms bigint, refresh_ttl_s bigint
-- params: jti text, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: ticket text, scope text, grant_claims jsonb, nonce text null, offline boolean
-- returns: citizen_claims jsonb null, citizen_updated_at_s bigint null
-- rows: maybe
-- batch: 32
WITH spent AS (
	UPDATE idp.code k SET spent_at = now()
	FROM :asked a
	CROSS JOIN LATERAL (
		SELECT version FROM idp.client WHERE client_id = a.client_id AND NOT disabled LIMIT 1
	) c,
	idp.authz_grant g
	JOIN idp.citizen z ON z.citizen_id = g.subject_id AND NOT z.locked
	LEFT JOIN LATERAL (
		SELECT acr, amr, last_seen_at, ended_at IS NULL AND expires_at > now() AS lives
		FROM idp.session
		WHERE session_id = g.session_id AND created_at = g.session_created_at
			AND created_at > now() - make_interval(secs => a.session_absolute_s)
			AND created_at > now() - make_interval(secs => :session_absolute_s_most)
			AND created_at <= now() + interval '1 minute'
		LIMIT 1
	) s ON true
	WHERE k.code_hash = a.code_hash AND k.created_at >= idp.at_ms(a.from_ms) AND k.created_at < idp.at_ms(a.until_ms)
		AND k.created_at >= idp.at_ms(:from_ms_least) AND k.created_at < idp.at_ms(:until_ms_most)
		AND k.spent_at IS NULL AND k.expires_at > now() AND k.client_id = a.client_id
		AND k.redirect_uri = a.redirect_uri AND k.code_challenge IS NOT DISTINCT FROM a.code_challenge
		AND a.client_version = c.version
		AND g.grant_id = k.grant_id AND g.created_at = k.grant_created_at AND g.client_id IS NOT DISTINCT FROM a.client_id
		AND g.created_at > idp.at_ms(:from_ms_least) - interval '2 hours'
		AND g.created_at < idp.at_ms(:until_ms_most) + interval '1 minute'
		AND g.revoked_at IS NULL AND g.expires_at > now()
		AND (g.offline OR s.lives AND s.last_seen_at > now() - make_interval(secs => a.session_idle_s))
	RETURNING a.job, a.refresh_hash, a.refresh_ms, a.refresh_ttl_s, a.jti, a.address, a.device, a.user_agent, a.correlation_id,
		k.nonce, g.*, idp.scope_within(g.scope, a.scopes) AS given, s.acr, s.amr,
		CASE WHEN g.claims ? 'id_token' THEN z.claims END AS citizen_claims,
		CASE WHEN g.claims ? 'id_token' THEN z.updated_at END AS citizen_updated_at
), refresh AS (
	INSERT INTO idp.refresh_token (token_hash, grant_id, grant_created_at, client_id, created_at, expires_at)
	SELECT refresh_hash, grant_id, created_at, client_id, idp.at_ms(refresh_ms),
		least(now() + make_interval(secs => refresh_ttl_s), expires_at)
	FROM spent WHERE offline AND refresh_hash IS NOT NULL
), event AS (
	INSERT INTO record.event (kind, outcome, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti,
		scope, acr, amr, address, device, user_agent, correlation_id)
	SELECT 'token', 'ok', client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti, given, acr, amr,
		address, device, user_agent, correlation_id
	FROM spent
)
SELECT job, ticket, given AS scope, claims AS grant_claims, nonce, offline, citizen_claims,
	floor(extract(epoch FROM citizen_updated_at))::bigint AS citizen_updated_at_s
FROM spent
