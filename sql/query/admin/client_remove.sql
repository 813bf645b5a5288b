-- SPDX-License-Identifier: Apache-2.0
-- Remove a client: its registration, what citizens allowed it, every grant, with a row of the record for each. removed: it was
-- there.
-- params: client_id text, correlation_id text, detail jsonb
-- returns: removed boolean, grants bigint
-- rows: one
WITH removed AS (
	DELETE FROM idp.client WHERE client_id = :client_id RETURNING client_id
), forgotten AS (
	DELETE FROM idp.consent WHERE client_id IN (SELECT client_id FROM removed)
), recorded AS (
	INSERT INTO record.event (kind, outcome, client_id, correlation_id, detail)
	SELECT 'apply', 'ok', client_id, :correlation_id, :detail FROM removed
)
SELECT EXISTS (SELECT FROM removed) AS removed, count(e.ended_grant) AS grants
-- It was disabled before, and grants that were being stored then are there now (grants_settled): so all of them are seen here.
FROM idp.end_access('client', NULL, NULL, NULL, (SELECT :client_id FROM (SELECT count(*) FROM removed) AS first), false,
	'client_removed', ROW(NULL, NULL, NULL, NULL, :correlation_id)::record.context) e
