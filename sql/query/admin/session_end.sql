-- SPDX-License-Identifier: Apache-2.0
-- End what idp.end_access calls 'all', 'subject' or 'client', with a row of the record for each session and grant, and one for the
-- act itself.
-- params: what text, citizen_id uuid null, client_id text null, correlation_id text, detail jsonb
-- returns: sessions bigint, grants bigint
-- rows: one
WITH recorded AS (
	INSERT INTO record.event (kind, outcome, reason, subject_id, client_id, correlation_id, detail)
	VALUES ('access_end', 'ok', :what, :citizen_id, :client_id, :correlation_id, :detail)
)
SELECT count(e.ended_session) AS sessions, count(e.ended_grant) AS grants
FROM idp.end_access(:what, :citizen_id, NULL, NULL, :client_id, false, 'ended',
	ROW(NULL, NULL, NULL, NULL, :correlation_id)::record.context) e
