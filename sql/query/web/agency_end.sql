-- SPDX-License-Identifier: Apache-2.0
-- End all that a client may do in a citizen's name, offline too, and forget what the citizen allowed it. idp.end_access writes a row of
-- the record for each grant.
-- params: subject_id uuid, client_id text, actor_id uuid, address inet null, device text null, user_agent text null, correlation_id text
-- returns: ended bigint
-- rows: one
WITH live AS MATERIALIZED (
	SELECT g.grant_id FROM idp.authz_grant g
	WHERE g.subject_id = :subject_id AND g.client_id = :client_id AND g.revoked_at IS NULL AND g.expires_at > now()
), forgotten AS (
	UPDATE idp.consent SET scope = '', claims = '[]', shown = '[]', updated_at = now()
	WHERE citizen_id = :subject_id AND client_id = :client_id
)
SELECT count(e.ended_grant) AS ended
FROM live l, LATERAL idp.end_access('grant', :subject_id, NULL, l.grant_id, :client_id, false, 'disconnect',
	ROW(:actor_id, :address, :device, :user_agent, :correlation_id)::record.context) e
