-- SPDX-License-Identifier: Apache-2.0
-- Revoke a grant, and so every token of it, with the row of the record; the row is written also if it was revoked before.
-- params: uuid, timestamptz, text, text, text, text, uuid, uuid, uuid, jsonb, inet, text, text, text
-- returns: none
WITH revoked AS (
	UPDATE idp.authz_grant SET revoked_at = now()
	WHERE grant_id = $1 AND created_at = $2 AND revoked_at IS NULL
)
INSERT INTO record.event (kind, outcome, reason, client_id, citizen_id, session_id, authentication_id,
	detail, address, device, user_agent, correlation_id)
VALUES ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
