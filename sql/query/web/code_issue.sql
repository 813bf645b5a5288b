-- SPDX-License-Identifier: Apache-2.0
-- Grant, code, consent and their rows of the record, by a session that lives and a client that is still as it was read. No row:
-- nothing was made; issue_why tells why not. grant_id is the transaction's id, so one transaction yields one code. The session's row is
-- held, so that an end of access at the same moment sees the grant, or is seen; where its last use is written too, it is held for that
-- from the start, since two that both held it for reading would wait for each other. Sessions are held in the order of the jobs, and
-- consents in one of their own. Of a citizen who allows one client twice at once there is one row to write: what was allowed adds up.
-- params: session_id uuid, session_created_at timestamptz, session_from_ms bigint, session_until_ms bigint, idle_s bigint,
-- params: client_id text, client_version bigint, grant_id uuid,
-- params: grant_ms bigint, sub text, scope text, claims jsonb, ticket text, offline boolean, expires_at_s bigint, code_hash bytea,
-- params: code_ms bigint, code_ttl_s bigint, redirect_uri text, code_challenge text null, nonce text null, consented boolean,
-- params: consent_claims jsonb, consent_shown jsonb null, address inet null, device text null, user_agent text null,
-- params: correlation_id text
-- returns: issued boolean
-- rows: maybe
-- batch: 32
WITH asked AS MATERIALIZED (
	SELECT * FROM (SELECT DISTINCT ON (grant_id) * FROM :asked a ORDER BY grant_id, job) once ORDER BY job
), unused AS MATERIALIZED (
	SELECT a.job FROM asked a
	CROSS JOIN LATERAL (
		SELECT FROM idp.session
		WHERE session_id = a.session_id AND created_at = a.session_created_at
			AND created_at >= idp.at_ms(:session_from_ms_least) AND created_at < idp.at_ms(:session_until_ms_most)
			AND last_seen_at < now() - interval '1 minute'
		LIMIT 1
		FOR NO KEY UPDATE
	) s
), live AS MATERIALIZED (
	SELECT a.*, s.subject_id, s.actor_id, s.authentication_id, s.acr, s.amr
	FROM asked a
	CROSS JOIN LATERAL (
		SELECT subject_id, actor_id, authentication_id, acr, amr FROM idp.session
		WHERE session_id = a.session_id AND created_at = a.session_created_at
			AND created_at >= idp.at_ms(:session_from_ms_least) AND created_at < idp.at_ms(:session_until_ms_most)
			AND ended_at IS NULL AND expires_at > now() AND last_seen_at > now() - make_interval(secs => a.idle_s)
		LIMIT 1
		FOR SHARE
	) s
	CROSS JOIN LATERAL (SELECT FROM idp.citizen WHERE citizen_id = s.subject_id AND NOT locked LIMIT 1) z
	CROSS JOIN LATERAL (SELECT version FROM idp.client WHERE client_id = a.client_id AND NOT disabled LIMIT 1) c
	WHERE a.client_version = c.version AND (SELECT count(*) FROM unused) >= 0
), granted AS (
	INSERT INTO idp.authz_grant (grant_id, created_at, client_id, subject_id, actor_id, session_id, session_created_at,
		authentication_id, sub, scope, claims, ticket, offline, expires_at)
	SELECT grant_id, idp.at_ms(grant_ms), client_id, subject_id, actor_id, session_id, session_created_at, authentication_id, sub,
		scope, claims, ticket, offline, to_timestamp(expires_at_s)
	FROM live
	ON CONFLICT (grant_id, created_at) DO NOTHING
	RETURNING grant_id
), issued AS MATERIALIZED (
	SELECT live.* FROM granted JOIN live USING (grant_id)
), coded AS (
	INSERT INTO idp.code (code_hash, created_at, grant_id, grant_created_at, client_id, redirect_uri, code_challenge, nonce,
		expires_at)
	SELECT code_hash, idp.at_ms(code_ms), grant_id, idp.at_ms(grant_ms), client_id, redirect_uri, code_challenge, nonce,
		now() + make_interval(secs => code_ttl_s)
	FROM issued
), touched AS (
	UPDATE idp.session s SET last_seen_at = now() FROM issued JOIN unused USING (job)
	WHERE s.session_id = issued.session_id AND s.created_at = issued.session_created_at
		AND s.created_at >= idp.at_ms(:session_from_ms_least) AND s.created_at < idp.at_ms(:session_until_ms_most)
), allowed AS (
	INSERT INTO idp.consent AS k (citizen_id, client_id, scope, claims, shown)
	SELECT subject_id, client_id, idp.union_words(string_agg(scope, ' '), max(scope)),
		idp.union_names(jsonb_path_query_array(jsonb_agg(consent_claims), '$[*][*]'), '[]'),
		jsonb_path_query_array(jsonb_agg(consent_shown) FILTER (WHERE consent_shown IS NOT NULL), '$[*][*]')
	FROM issued WHERE consented GROUP BY subject_id, client_id ORDER BY subject_id, client_id
	ON CONFLICT (citizen_id, client_id) DO UPDATE SET updated_at = now(),
		scope = idp.union_words(k.scope, EXCLUDED.scope), claims = idp.union_names(k.claims, EXCLUDED.claims),
		shown = idp.union_names(k.shown, EXCLUDED.shown)
), recorded AS (
	INSERT INTO record.event (kind, outcome, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, scope,
		acr, amr, address, device, user_agent, correlation_id)
	SELECT kinds.kind, 'ok', client_id, subject_id, actor_id, session_id, authentication_id, grant_id, scope, acr, amr, address,
		device, user_agent, correlation_id
	FROM issued, (VALUES ('code'), ('consent')) AS kinds (kind)
	WHERE kinds.kind = 'code' OR consented
)
SELECT job, true AS issued FROM issued
