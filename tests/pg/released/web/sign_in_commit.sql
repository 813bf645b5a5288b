-- SPDX-License-Identifier: Apache-2.0
-- The end of a sign-in: the new session in place of the one that the browser had (old_token_hash; NULL: none), and with it, where
-- nothing else is to be asked, grant and code for a client that is still as it was read (client_id NULL: none). No row: the citizen
-- is locked, and nothing was made. issued false: a session, but no code; issue_why tells why not.
-- The session ends so long after the time within its id, by which the statements for tokens look it up.
-- params: session_id uuid, session_ms bigint, token_hash bytea, subject_id uuid, actor_id uuid, authentication_id uuid,
-- params: session_ticket text, acr text, amr text[], auth_time_s bigint, absolute_s bigint, device_hash bytea,
-- params: old_token_hash bytea null, old_from_ms bigint, old_until_ms bigint,
-- params: client_id text null, client_version bigint, grant_id uuid null, grant_ms bigint, sub text null, scope text null,
-- params: claims jsonb null, ticket text null, offline boolean, expires_at_s bigint, code_hash bytea null, code_ms bigint,
-- params: code_ttl_s bigint, redirect_uri text null, code_challenge text null, nonce text null,
-- params: address inet null, device text null, user_agent text null, correlation_id text
-- returns: issued boolean, replaced integer
-- rows: maybe
WITH made AS (
	INSERT INTO idp.session (session_id, created_at, token_hash, subject_id, actor_id, authentication_id, ticket, acr, amr,
		auth_time, device_hash, user_agent, address, expires_at)
	SELECT :session_id, idp.at_ms(:session_ms), :token_hash, z.citizen_id, :actor_id, :authentication_id, :session_ticket,
		:acr, :amr, to_timestamp(:auth_time_s), :device_hash, :user_agent, :address,
		idp.at_ms(:session_ms) + make_interval(secs => :absolute_s)
	FROM idp.citizen z WHERE z.citizen_id = :subject_id AND NOT z.locked
	RETURNING session_id, created_at, subject_id, actor_id, authentication_id, acr, amr
), granted AS (
	INSERT INTO idp.authz_grant (grant_id, created_at, client_id, subject_id, actor_id, session_id, session_created_at,
		authentication_id, sub, scope, claims, ticket, offline, expires_at)
	SELECT :grant_id, idp.at_ms(:grant_ms), c.client_id, made.subject_id, made.actor_id, made.session_id, made.created_at,
		made.authentication_id, :sub, :scope, :claims, :ticket, :offline, to_timestamp(:expires_at_s)
	FROM made, idp.client c
	WHERE c.client_id = :client_id AND c.version = :client_version AND NOT c.disabled
	ON CONFLICT (grant_id, created_at) DO NOTHING
	RETURNING grant_id, client_id
), coded AS (
	INSERT INTO idp.code (code_hash, created_at, grant_id, grant_created_at, client_id, redirect_uri, code_challenge, nonce,
		expires_at)
	SELECT :code_hash, idp.at_ms(:code_ms), grant_id, idp.at_ms(:grant_ms), client_id, :redirect_uri, :code_challenge,
		:nonce, now() + make_interval(secs => :code_ttl_s)
	FROM granted
), recorded AS (
	INSERT INTO record.event (kind, outcome, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, scope,
		acr, amr, address, device, user_agent, correlation_id)
	SELECT 'code', 'ok', granted.client_id, made.subject_id, made.actor_id, made.session_id, made.authentication_id,
		granted.grant_id, :scope, made.acr, made.amr, :address, :device, :user_agent, :correlation_id
	FROM made, granted
)
SELECT EXISTS (SELECT FROM granted) AS issued,
	CASE WHEN :old_token_hash IS NULL THEN 0
		ELSE idp.session_replace(:old_token_hash, :old_from_ms, :old_until_ms, made.session_id, made.created_at,
			made.subject_id, ROW(:actor_id, :address, :device, :user_agent, :correlation_id)::record.context)
	END AS replaced
FROM made
