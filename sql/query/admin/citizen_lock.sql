-- SPDX-License-Identifier: Apache-2.0
-- Lock a citizen: no sign-in from here on, every session ended and every grant revoked, with a row of the record for
-- each. changed: it was not locked before.
-- params: citizen_id uuid, correlation_id text, detail jsonb
-- returns: changed boolean, sessions bigint, grants bigint
-- rows: one
WITH locked AS (
	UPDATE idp.citizen SET locked = true WHERE citizen_id = :citizen_id AND NOT locked RETURNING citizen_id
), ended AS (
	UPDATE idp.session SET ended_at = now()
	WHERE citizen_id = :citizen_id AND ended_at IS NULL AND expires_at > now()
	RETURNING session_id, authentication_id, acr, amr
), revoked AS (
	UPDATE idp.authz_grant SET revoked_at = now()
	WHERE citizen_id = :citizen_id AND revoked_at IS NULL AND expires_at > now()
	RETURNING grant_id, client_id, session_id, authentication_id
), told AS (
	INSERT INTO record.event (kind, outcome, reason, citizen_id, session_id, authentication_id, client_id, acr,
		amr, correlation_id, detail)
	SELECT 'lock', 'ok', NULL, :citizen_id, NULL::uuid, NULL::uuid, NULL, NULL, NULL::text[], :correlation_id, :detail
	UNION ALL
	SELECT 'session_end', 'ok', 'locked', :citizen_id, session_id, authentication_id, NULL, acr, amr, :correlation_id, :detail
	FROM ended
	UNION ALL
	SELECT 'revoke', 'ok', 'locked', :citizen_id, session_id, authentication_id, client_id, NULL, NULL, :correlation_id,
		:detail || jsonb_build_object('grant_id', grant_id)
	FROM revoked
)
SELECT EXISTS (SELECT FROM locked) AS changed, (SELECT count(*) FROM ended) AS sessions,
	(SELECT count(*) FROM revoked) AS grants
