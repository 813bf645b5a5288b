-- SPDX-License-Identifier: Apache-2.0
-- The live session of a cookie: not ended, not idle for $2 seconds, not too old, and its citizen not locked.
-- params: bytea, bigint
-- returns: session_id uuid, citizen_id uuid, authentication_id uuid, ticket text, acr text, amr text, auth_time_s bigint, last_seen_s bigint, expires_at_s bigint
SELECT s.session_id, s.citizen_id, s.authentication_id, s.ticket, s.acr,
	array_to_string(s.amr, ' ') AS amr,
	extract(epoch FROM s.auth_time)::bigint AS auth_time_s,
	extract(epoch FROM s.last_seen_at)::bigint AS last_seen_s,
	extract(epoch FROM s.expires_at)::bigint AS expires_at_s
FROM idp.session s JOIN idp.citizen c USING (citizen_id)
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > now()
	AND s.last_seen_at > now() - make_interval(secs => $2) AND NOT c.locked
