-- SPDX-License-Identifier: Apache-2.0
-- Make a session and end the one that this browser had ($11). Where it is the same citizen's, what agencies were
-- given lives on in the new one; another citizen's is revoked, but for offline access.
-- params: uuid, bytea, uuid, uuid, text, text, text[], bigint, bytea, bigint, bytea, inet, text, text, text
-- returns: created_at_s bigint
WITH old AS (
	UPDATE idp.session SET ended_at = now()
	WHERE token_hash = $11 AND ended_at IS NULL
	RETURNING session_id, citizen_id, authentication_id, acr, amr
), moved AS (
	UPDATE idp.authz_grant g SET session_id = $1 FROM old
	WHERE g.session_id = old.session_id AND old.citizen_id = $3
		AND g.revoked_at IS NULL AND g.expires_at > now()
), revoked AS (
	UPDATE idp.authz_grant g SET revoked_at = now() FROM old
	WHERE g.session_id = old.session_id AND old.citizen_id <> $3 AND NOT g.offline
		AND g.revoked_at IS NULL AND g.expires_at > now()
	RETURNING g.grant_id, g.client_id, g.session_id, g.citizen_id, g.authentication_id
), told AS (
	INSERT INTO record.event (kind, outcome, reason, citizen_id, session_id, authentication_id,
		client_id, acr, amr, address, device, user_agent, correlation_id, detail)
	SELECT 'session_end', 'ok', 'replaced', citizen_id, session_id, authentication_id, NULL, acr, amr,
		$12, $13, $14, $15, jsonb_build_object('by_session', $1::text)
	FROM old
	UNION ALL
	SELECT 'revoke', 'ok', 'session_end', citizen_id, session_id, authentication_id, client_id, NULL,
		NULL, $12, $13, $14, $15, jsonb_build_object('grant_id', grant_id)
	FROM revoked
)
INSERT INTO idp.session (session_id, token_hash, citizen_id, authentication_id, ticket, acr, amr,
	auth_time, device_hash, user_agent, expires_at, address)
VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8), $9, $14,
	to_timestamp($8) + make_interval(secs => $10), $12)
RETURNING extract(epoch FROM created_at)::bigint AS created_at_s
