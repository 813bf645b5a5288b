-- SPDX-License-Identifier: Apache-2.0
-- Lock a citizen: no sign-in from here on, every session ended and every grant revoked, with a row of the record for
-- each. changed: it was not locked before.
-- params: citizen_id uuid, correlation_id text, detail jsonb
-- returns: changed boolean, sessions bigint, grants bigint
-- rows: one
WITH locked AS (
	UPDATE idp.citizen SET locked = true WHERE citizen_id = :citizen_id AND NOT locked RETURNING citizen_id
), recorded AS (
	INSERT INTO record.event (kind, outcome, subject_id, correlation_id, detail)
	VALUES ('lock', 'ok', :citizen_id, :correlation_id, :detail)
)
SELECT EXISTS (SELECT FROM locked) AS changed, count(e.ended_session) AS sessions, count(e.ended_grant) AS grants
-- First locked, then ended: a sign-in that ends meanwhile waits for the citizen's row, and is refused.
FROM idp.end_access('subject', (SELECT :citizen_id FROM (SELECT count(*) FROM locked) AS first), NULL, NULL, NULL, false, 'locked',
	ROW(NULL, NULL, NULL, NULL, :correlation_id)::record.context) e
