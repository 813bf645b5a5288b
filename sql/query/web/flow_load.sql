-- SPDX-License-Identifier: Apache-2.0
-- A transaction by its handle's hash, for the browser ($2) it was given to, with its client, the browser's live session, and what its
-- citizen allowed the client before. live is false when it is finished or too old. $4: idle seconds.
-- params: bytea, bytea, bytea, bigint
-- returns: live boolean, client_id text, request jsonb, stage jsonb, client jsonb, session_id uuid, citizen_id uuid, authentication_id uuid, ticket text, acr text, amr text, auth_time_s bigint, last_seen_s bigint, expires_at_s bigint, citizen_claims jsonb, remembered_scope text, remembered_claims jsonb
SELECT t.finished_at IS NULL AND t.expires_at > now() AS live, t.client_id, t.request, t.stage,
	c.metadata AS client, s.*, k.scope AS remembered_scope, k.claims AS remembered_claims
FROM (
	SELECT * FROM idp.authn_transaction WHERE handle_hash = $1 AND device_hash = $2 LIMIT 1
) t
LEFT JOIN idp.client c ON c.client_id = t.client_id AND NOT c.disabled
LEFT JOIN (
	SELECT s.session_id, s.citizen_id, s.authentication_id, s.ticket, s.acr,
		array_to_string(s.amr, ' ') AS amr,
		extract(epoch FROM s.auth_time)::bigint AS auth_time_s,
		extract(epoch FROM s.last_seen_at)::bigint AS last_seen_s,
		extract(epoch FROM s.expires_at)::bigint AS expires_at_s,
		z.claims AS citizen_claims
	FROM idp.session s JOIN idp.citizen z USING (citizen_id)
	WHERE s.token_hash = $3 AND s.ended_at IS NULL AND s.expires_at > now()
		AND s.last_seen_at > now() - make_interval(secs => $4) AND NOT z.locked
	LIMIT 1
) s ON true
LEFT JOIN idp.consent k ON k.citizen_id = s.citizen_id AND k.client_id = t.client_id
