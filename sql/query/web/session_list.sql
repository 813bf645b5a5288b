-- SPDX-License-Identifier: Apache-2.0
-- A citizen's live sessions, the last used first, each with the agencies that were opened in it.
-- params: subject_id uuid, idle_s bigint
-- returns: session_id uuid, auth_time_s bigint, last_seen_s bigint, address text null, user_agent text null, agencies jsonb
-- rows: many
SELECT s.session_id,
	extract(epoch FROM s.auth_time)::bigint AS auth_time_s,
	extract(epoch FROM s.last_seen_at)::bigint AS last_seen_s,
	host(s.address) AS address, s.user_agent,
	(SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object(
			'name', c.metadata -> 'client_name',
			'th', c.metadata -> 'client_name#th',
			'en', c.metadata -> 'client_name#en')), '[]')
		FROM idp.authz_grant g JOIN idp.client c USING (client_id)
		WHERE g.session_id = s.session_id AND g.revoked_at IS NULL) AS agencies
FROM idp.session s
WHERE s.subject_id = :subject_id AND s.ended_at IS NULL AND s.expires_at > now()
	AND s.last_seen_at > now() - make_interval(secs => :idle_s)
ORDER BY s.last_seen_at DESC, s.auth_time DESC
LIMIT 50
