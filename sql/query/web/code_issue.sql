-- SPDX-License-Identifier: Apache-2.0
-- Grant, code, consent and their rows of the record in one statement, and with them the end of the transaction ($1; NULL: none led here).
-- No row comes back, and nothing was made, if the transaction was finished before or the session is gone. A consent ($19) adds to what was
-- allowed before.
-- params: bytea, bytea, uuid, uuid, text, uuid, uuid, text, text, jsonb, text, boolean, bigint, bytea, text, text, text, bigint, boolean, jsonb, text, text[], inet, text, text, text
-- returns: issued boolean
WITH finished AS (
	UPDATE idp.authn_transaction SET finished_at = now()
	WHERE handle_hash = $1 AND device_hash = $2 AND finished_at IS NULL AND expires_at > now()
	RETURNING 1
), gate AS (
	SELECT true AS issued FROM idp.session
	WHERE session_id = $3 AND ended_at IS NULL AND expires_at > now()
		AND ($1 IS NULL OR EXISTS (SELECT FROM finished))
	LIMIT 1
), touched AS (
	UPDATE idp.session SET last_seen_at = now() FROM gate
	WHERE session_id = $3 AND last_seen_at < now() - interval '1 minute'
), granted AS (
	INSERT INTO idp.authz_grant (grant_id, client_id, citizen_id, session_id, authentication_id, sub,
		scope, claims, ticket, offline, expires_at)
	SELECT $4, $5, $6, $3, $7, $8, $9, $10, $11, $12, to_timestamp($13) FROM gate
), coded AS (
	INSERT INTO idp.code (code_hash, grant_id, client_id, redirect_uri, code_challenge, nonce,
		expires_at)
	SELECT $14, $4, $5, $15, $16, $17, now() + make_interval(secs => $18) FROM gate
), allowed AS (
	INSERT INTO idp.consent AS k (citizen_id, client_id, scope, claims)
	SELECT $6, $5, $9, $20 FROM gate WHERE $19
	ON CONFLICT (citizen_id, client_id) DO UPDATE SET updated_at = now(),
		scope = (SELECT string_agg(DISTINCT item, ' ')
			FROM unnest(string_to_array(k.scope || ' ' || EXCLUDED.scope, ' ')) AS item),
		claims = (SELECT coalesce(jsonb_agg(DISTINCT item), '[]')
			FROM jsonb_array_elements(k.claims || EXCLUDED.claims) AS item)
), told AS (
	INSERT INTO record.event (kind, outcome, client_id, citizen_id, session_id, authentication_id,
		acr, amr, address, device, user_agent, correlation_id, detail)
	SELECT kind, 'ok', $5, $6, $3, $7, $21, $22, $23, $24, $25, $26, jsonb_build_object('grant_id', $4::text, 'scope', $9::text)
	FROM gate, (VALUES ('code'), ('consent')) AS kinds (kind)
	WHERE kind = 'code' OR $19
)
SELECT issued FROM gate
