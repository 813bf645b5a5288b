-- SPDX-License-Identifier: Apache-2.0
-- End a citizen's sessions: the one named by $1, or if that is NULL all but the acting one ($3). What agencies were
-- given in them is revoked, but for offline access. Only rows that were live count; of two at once, one ends it.
-- params: uuid, uuid, uuid, text, inet, text, text, text
-- returns: session_id uuid
WITH ended AS (
	UPDATE idp.session SET ended_at = now()
	WHERE citizen_id = $2 AND ended_at IS NULL
		AND CASE WHEN $1 IS NULL THEN session_id <> $3 ELSE session_id = $1 END
	RETURNING session_id, citizen_id, authentication_id, acr, amr
), revoked AS (
	UPDATE idp.authz_grant g SET revoked_at = now()
	WHERE g.session_id = ANY (ARRAY(SELECT session_id FROM ended)) AND NOT g.offline
		AND g.revoked_at IS NULL AND g.expires_at > now()
	RETURNING g.grant_id, g.client_id, g.session_id, g.citizen_id, g.authentication_id
), told AS (
	INSERT INTO record.event (kind, outcome, reason, citizen_id, session_id, authentication_id,
		client_id, acr, amr, address, device, user_agent, correlation_id, detail)
	SELECT 'session_end', 'ok', $4, citizen_id, session_id, authentication_id, NULL, acr, amr,
		$5, $6, $7, $8, jsonb_build_object('by_session', $3::text)
	FROM ended
	UNION ALL
	SELECT 'revoke', 'ok', 'session_end', citizen_id, session_id, authentication_id, client_id, NULL,
		NULL, $5, $6, $7, $8, jsonb_build_object('grant_id', grant_id)
	FROM revoked
)
SELECT session_id FROM ended
