-- SPDX-License-Identifier: Apache-2.0
-- End a transaction that gives no code, once, with its row of the record (none where $3 is NULL).
-- params: bytea, bytea, text, text, text, text, uuid, uuid, uuid, text, text[], inet, text, text, text
-- returns: finished boolean
WITH finished AS (
	UPDATE idp.authn_transaction SET finished_at = now()
	WHERE handle_hash = $1 AND device_hash = $2 AND finished_at IS NULL AND expires_at > now()
	RETURNING true AS finished
), told AS (
	INSERT INTO record.event (kind, outcome, reason, client_id, citizen_id, session_id,
		authentication_id, acr, amr, address, device, user_agent, correlation_id)
	SELECT $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
	FROM finished WHERE $3 IS NOT NULL
)
SELECT finished FROM finished
