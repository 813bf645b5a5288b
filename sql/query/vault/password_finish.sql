-- SPDX-License-Identifier: Apache-2.0
-- How the try ended: its row in the record; if it was right ($15), the delay is taken back ($16: bucket) and
-- a hash made at another cost ($17) gives way to a new one ($18, may be NULL).
-- params: text, text, text, text, uuid, uuid, uuid, text, text[], jsonb, inet, text, text, text, boolean, bytea, text, text
-- returns: none
WITH reset AS (
	UPDATE vault.throttle SET failures = 0, next_at = clock_timestamp() WHERE bucket = $16 AND $15
), rehashed AS (
	UPDATE vault.password SET hash = $18, updated_at = now()
	WHERE citizen_id = $5 AND hash = $17 AND $15 AND $18 IS NOT NULL
)
INSERT INTO record.event (kind, outcome, reason, client_id, citizen_id, session_id, authentication_id,
	acr, amr, detail, address, device, user_agent, correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
