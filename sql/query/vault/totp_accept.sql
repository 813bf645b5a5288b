-- SPDX-License-Identifier: Apache-2.0
-- A right TOTP code, all or nothing: its step ($15) becomes the last accepted, the partial ticket ($7, which
-- ends at $16) is spent, the failures of the factors that were counted are earned back ($19: was a sandbox
-- code among them), the device ($17) is known from here on, and the sign-in stands in the record ($18: its
-- detail). No row: the step or the ticket was spent before, or the citizen was locked meanwhile.
-- params: text, text, text, text, uuid, uuid, uuid, text, text[], jsonb, inet, text, text, text, bigint, bigint, bytea, jsonb, boolean
-- returns: partial_id uuid
WITH won AS (
	UPDATE vault.totp SET last_step = $15, failures = 0
	WHERE citizen_id = $5 AND last_step < $15
		AND EXISTS (SELECT FROM idp.citizen c WHERE c.citizen_id = $5 AND NOT c.locked)
	RETURNING citizen_id
), spent AS (
	INSERT INTO vault.spent_partial (partial_id, expires_at)
	SELECT $7, to_timestamp($16) FROM won
	ON CONFLICT DO NOTHING
	RETURNING partial_id
), other AS (
	UPDATE vault.sandbox_code SET failures = 0
	WHERE citizen_id = $5 AND $19 AND EXISTS (SELECT FROM won)
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
