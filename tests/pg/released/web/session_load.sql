-- SPDX-License-Identifier: Apache-2.0
-- The live session of a cookie (not ended, not idle, not too old, its citizen not locked), what is known of the citizen, and what they
-- allowed a client before. from_ms, until_ms: the span of time of the cookie's handle.
-- params: token_hash bytea, from_ms bigint, until_ms bigint, idle_s bigint, client_id text null
-- returns: session_id uuid, created_at timestamptz, subject_id uuid, actor_id uuid, authentication_id uuid, ticket text, acr text, amr text[],
-- returns: auth_time_s bigint, last_seen_s bigint, expires_at_s bigint, claims jsonb, consent_scope text null, consent_claims jsonb null, consent_shown jsonb null
-- rows: maybe
-- batch: 32
SELECT a.job, s.session_id, s.created_at, s.subject_id, s.actor_id, s.authentication_id, s.ticket, s.acr, s.amr,
	extract(epoch FROM s.auth_time)::bigint AS auth_time_s,
	extract(epoch FROM s.last_seen_at)::bigint AS last_seen_s,
	extract(epoch FROM s.expires_at)::bigint AS expires_at_s,
	z.claims, k.scope AS consent_scope, k.claims AS consent_claims, k.shown AS consent_shown
FROM :asked a
CROSS JOIN LATERAL (
	SELECT * FROM idp.session
	WHERE token_hash = a.token_hash AND created_at >= idp.at_ms(a.from_ms) AND created_at < idp.at_ms(a.until_ms)
		AND created_at >= idp.at_ms(:from_ms_least) AND created_at < idp.at_ms(:until_ms_most)
		AND ended_at IS NULL AND expires_at > now() AND last_seen_at > now() - make_interval(secs => a.idle_s)
	LIMIT 1
) s
CROSS JOIN LATERAL (SELECT claims FROM idp.citizen WHERE citizen_id = s.subject_id AND NOT locked LIMIT 1) z
LEFT JOIN idp.consent k ON k.citizen_id = s.subject_id AND k.client_id = a.client_id
