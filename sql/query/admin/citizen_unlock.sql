-- SPDX-License-Identifier: Apache-2.0
-- Let a locked citizen sign in again. changed: it was locked.
-- params: uuid, text, jsonb
-- returns: changed boolean
WITH unlocked AS (
	UPDATE idp.citizen SET locked = false WHERE citizen_id = $1 AND locked RETURNING citizen_id
), told AS (
	INSERT INTO record.event (kind, outcome, citizen_id, correlation_id, detail)
	VALUES ('unlock', 'ok', $1, $2, $3)
)
SELECT EXISTS (SELECT FROM unlocked) AS changed
