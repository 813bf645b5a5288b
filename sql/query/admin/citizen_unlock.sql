-- SPDX-License-Identifier: Apache-2.0
-- Let a locked citizen sign in again. changed: it was locked.
-- params: citizen_id uuid, correlation_id text, detail jsonb
-- returns: changed boolean
-- rows: one
WITH unlocked AS (
	UPDATE idp.citizen SET locked = false WHERE citizen_id = :citizen_id AND locked RETURNING citizen_id
), recorded AS (
	INSERT INTO record.event (kind, outcome, subject_id, correlation_id, detail)
	VALUES ('unlock', 'ok', :citizen_id, :correlation_id, :detail)
)
SELECT EXISTS (SELECT FROM unlocked) AS changed
