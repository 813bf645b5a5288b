-- SPDX-License-Identifier: Apache-2.0
-- Grant, code, consent and their rows of the record, by a session that lives and a client that is still as it was read. No row:
-- nothing was made; issue_why tells why not. grant_id is the transaction's id, so one transaction yields one code. The session's row is
-- held, so that an end of access at the same moment sees the grant, or is seen; where its last use is written too, it is held for that
-- from the start, since two that both held it for reading would wait for each other.
-- params: session_id uuid, session_created_at timestamptz, idle_s bigint, client_id text, client_version bigint, grant_id uuid,
-- params: grant_ms bigint, sub text, scope text, claims jsonb, ticket text, offline boolean, expires_at_s bigint, code_hash bytea,
-- params: code_ms bigint, code_ttl_s bigint, redirect_uri text, code_challenge text null, nonce text null, consented boolean,
-- params: consent_claims jsonb, consent_shown jsonb null, address inet null, device text null, user_agent text null,
-- params: correlation_id text
-- returns: issued boolean
-- rows: maybe
WITH unused AS MATERIALIZED (
	SELECT FROM idp.session s
	WHERE s.session_id = :session_id AND s.created_at = :session_created_at AND s.last_seen_at < now() - interval '1 minute'
	FOR NO KEY UPDATE OF s
), live AS (
	SELECT s.session_id, s.created_at, s.subject_id, s.actor_id, s.authentication_id, s.acr, s.amr
	FROM idp.session s JOIN idp.citizen z ON z.citizen_id = s.subject_id
	WHERE s.session_id = :session_id AND s.created_at = :session_created_at AND s.ended_at IS NULL
		AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => :idle_s) AND NOT z.locked
		AND EXISTS (SELECT FROM idp.client c
			WHERE c.client_id = :client_id AND c.version = :client_version AND NOT c.disabled)
		AND (SELECT count(*) FROM unused) >= 0
	FOR SHARE OF s
), granted AS (
	INSERT INTO idp.authz_grant (grant_id, created_at, client_id, subject_id, actor_id, session_id, session_created_at,
		authentication_id, sub, scope, claims, ticket, offline, expires_at)
	SELECT :grant_id, idp.at_ms(:grant_ms), :client_id, subject_id, actor_id, session_id, created_at, authentication_id, :sub,
		:scope, :claims, :ticket, :offline, to_timestamp(:expires_at_s)
	FROM live
	ON CONFLICT (grant_id, created_at) DO NOTHING
	RETURNING grant_id
), coded AS (
	INSERT INTO idp.code (code_hash, created_at, grant_id, grant_created_at, client_id, redirect_uri, code_challenge, nonce,
		expires_at)
	SELECT :code_hash, idp.at_ms(:code_ms), grant_id, idp.at_ms(:grant_ms), :client_id, :redirect_uri, :code_challenge,
		:nonce, now() + make_interval(secs => :code_ttl_s)
	FROM granted
), touched AS (
	UPDATE idp.session s SET last_seen_at = now() FROM granted, unused
	WHERE s.session_id = :session_id AND s.created_at = :session_created_at
), allowed AS (
	INSERT INTO idp.consent AS k (citizen_id, client_id, scope, claims, shown)
	SELECT live.subject_id, :client_id, :scope, :consent_claims, :consent_shown FROM live, granted WHERE :consented
	ON CONFLICT (citizen_id, client_id) DO UPDATE SET updated_at = now(),
		scope = idp.union_words(k.scope, EXCLUDED.scope), claims = idp.union_names(k.claims, EXCLUDED.claims),
		shown = idp.union_names(k.shown, EXCLUDED.shown)
), recorded AS (
	INSERT INTO record.event (kind, outcome, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, scope,
		acr, amr, address, device, user_agent, correlation_id)
	SELECT kinds.kind, 'ok', :client_id, live.subject_id, live.actor_id, live.session_id, live.authentication_id,
		granted.grant_id, :scope, live.acr, live.amr, :address, :device, :user_agent, :correlation_id
	FROM live, granted, (VALUES ('code'), ('consent')) AS kinds (kind)
	WHERE kinds.kind = 'code' OR :consented
)
SELECT true AS issued FROM granted
