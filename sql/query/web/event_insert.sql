-- SPDX-License-Identifier: Apache-2.0
-- One row of the record that belongs to no other change: a refusal.
-- params: text, text, text, text, uuid, uuid, uuid, text, text[], jsonb, inet, text, text, text
-- returns: none
INSERT INTO record.event (kind, outcome, reason, client_id, citizen_id, session_id, authentication_id,
	acr, amr, detail, address, device, user_agent, correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
