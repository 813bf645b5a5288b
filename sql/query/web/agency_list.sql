-- SPDX-License-Identifier: Apache-2.0
-- The clients that may act in a citizen's name now: by a live session of theirs, or by offline access. The latest first.
-- params: subject_id uuid, idle_s bigint
-- returns: client_id text, name text null, name_th text null, name_en text null, since_s bigint, offline boolean
-- rows: many
SELECT g.client_id, c.metadata ->> 'client_name' AS name, c.metadata ->> 'client_name#th' AS name_th,
	c.metadata ->> 'client_name#en' AS name_en, extract(epoch FROM max(g.created_at))::bigint AS since_s,
	bool_or(g.offline) AS offline
FROM idp.authz_grant g
JOIN idp.client c USING (client_id)
LEFT JOIN idp.session s ON s.session_id = g.session_id AND s.created_at = g.session_created_at AND s.ended_at IS NULL
	AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => :idle_s)
WHERE g.subject_id = :subject_id AND g.revoked_at IS NULL AND g.expires_at > now() AND (g.offline OR s.session_id IS NOT NULL)
GROUP BY g.client_id, c.metadata
ORDER BY since_s DESC, g.client_id
LIMIT 100
