-- SPDX-License-Identifier: Apache-2.0
-- The live session of a cookie, as session_load finds it, and whom the grant in an ID token was about. grant_id: NULL without a hint.
-- params: token_hash bytea, from_ms bigint, until_ms bigint, idle_s bigint, client_id text null, grant_id uuid null,
-- params: grant_from_ms bigint, grant_until_ms bigint
-- returns: session_id uuid, created_at timestamptz, subject_id uuid, actor_id uuid, authentication_id uuid, ticket text, acr text, amr text[],
-- returns: auth_time_s bigint, last_seen_s bigint, expires_at_s bigint, claims jsonb, hint_subject_id uuid null
-- rows: maybe
SELECT s.session_id, s.created_at, s.subject_id, s.actor_id, s.authentication_id, s.ticket, s.acr, s.amr,
	extract(epoch FROM s.auth_time)::bigint AS auth_time_s,
	extract(epoch FROM s.last_seen_at)::bigint AS last_seen_s,
	extract(epoch FROM s.expires_at)::bigint AS expires_at_s,
	z.claims,
	(SELECT g.subject_id FROM idp.authz_grant g
		WHERE g.grant_id = :grant_id AND g.client_id = :client_id AND g.created_at >= idp.at_ms(:grant_from_ms)
			AND g.created_at < idp.at_ms(:grant_until_ms)) AS hint_subject_id
FROM idp.session s
JOIN idp.citizen z ON z.citizen_id = s.subject_id
WHERE s.token_hash = :token_hash AND s.created_at >= idp.at_ms(:from_ms) AND s.created_at < idp.at_ms(:until_ms)
	AND s.ended_at IS NULL AND s.expires_at > now()
	AND s.last_seen_at > now() - make_interval(secs => :idle_s) AND NOT z.locked
