-- SPDX-License-Identifier: Apache-2.0
-- New tokens for a refresh token that stays as it is: the row of the record, if the grant still stands.
-- params: bytea, timestamptz, uuid, timestamptz, bytea, bigint, text, uuid, uuid, uuid, text, text[], jsonb
-- params: inet, text, text, text
-- returns: grant_id uuid
WITH kept AS (
	SELECT k.grant_id FROM idp.refresh_token k
	WHERE k.token_hash = $1 AND k.created_at = $2 AND k.grant_id = $3
		AND k.spent_at IS NULL AND k.expires_at > now()
		AND $5::bytea IS NULL AND $6::bigint IS NOT NULL
		AND EXISTS (SELECT FROM idp.authz_grant g WHERE g.grant_id = $3 AND g.created_at = $4
			AND g.revoked_at IS NULL AND g.expires_at > now())
), event AS (
	INSERT INTO record.event (kind, outcome, client_id, citizen_id, session_id,
		authentication_id, acr, amr, detail, address, device, user_agent, correlation_id)
	SELECT 'refresh', 'ok', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 FROM kept
)
SELECT grant_id FROM kept
