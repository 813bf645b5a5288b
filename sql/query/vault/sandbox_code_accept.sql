-- SPDX-License-Identifier: Apache-2.0
-- A right sandbox code, as totp_accept does it for TOTP. There is no step ($15, unused): the partial ticket
-- alone, each spent once, keeps it one-time. $19: was TOTP among the factors that were counted.
-- params: text, text, text, text, uuid, uuid, uuid, text, text[], jsonb, inet, text, text, text, bigint, bigint, bytea, jsonb, boolean
-- returns: partial_id uuid
WITH spent AS (
	INSERT INTO vault.spent_partial (partial_id, expires_at)
	SELECT $7, to_timestamp($16) FROM idp.citizen c WHERE c.citizen_id = $5 AND NOT c.locked
	ON CONFLICT DO NOTHING
	RETURNING partial_id
), own AS (
	UPDATE vault.sandbox_code SET failures = 0
	WHERE citizen_id = $5 AND EXISTS (SELECT FROM spent)
), other AS (
	UPDATE vault.totp SET failures = 0
	WHERE citizen_id = $5 AND $19 AND EXISTS (SELECT FROM spent)
), device AS (
	INSERT INTO vault.device (citizen_id, device_hash)
	SELECT $5, $17 FROM spent WHERE $17 IS NOT NULL
	ON CONFLICT (citizen_id, device_hash) DO UPDATE SET last_used_at = now()
), event AS (
	INSERT INTO record.event (kind, outcome, reason, client_id, citizen_id, session_id,
		authentication_id, acr, amr, detail, address, device, user_agent, correlation_id)
	SELECT e.kind, $2, $3, $4, $5, $6, $7, $8, $9, e.detail, $11, $12, $13, $14
	FROM spent, (VALUES ($1, $10), ('sign_in', $18)) AS e (kind, detail)
)
SELECT partial_id FROM spent
