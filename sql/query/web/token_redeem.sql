-- SPDX-License-Identifier: Apache-2.0
-- Spend a code, once; its refresh token, if any, and the row of the record. No row: the code was spent, has
-- expired or its grant was revoked meanwhile.
-- params: bytea, timestamptz, uuid, timestamptz, bytea, bigint, text, uuid, uuid, uuid, text, text[], jsonb
-- params: inet, text, text, text
-- returns: grant_id uuid
WITH spent AS (
	UPDATE idp.code k SET spent_at = now()
	WHERE k.code_hash = $1 AND k.created_at = $2 AND k.grant_id = $3
		AND k.spent_at IS NULL AND k.expires_at > now()
		AND EXISTS (SELECT FROM idp.authz_grant g WHERE g.grant_id = $3 AND g.created_at = $4
			AND g.revoked_at IS NULL AND g.expires_at > now())
	RETURNING k.grant_id
), refresh AS (
	INSERT INTO idp.refresh_token (token_hash, grant_id, client_id, expires_at)
	SELECT $5, grant_id, $7, to_timestamp($6) FROM spent WHERE $5 IS NOT NULL
), event AS (
	INSERT INTO record.event (kind, outcome, client_id, citizen_id, session_id,
		authentication_id, acr, amr, detail, address, device, user_agent, correlation_id)
	SELECT 'token', 'ok', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 FROM spent
)
SELECT grant_id FROM spent
