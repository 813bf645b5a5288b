-- SPDX-License-Identifier: Apache-2.0
-- Why nothing was issued: the transaction yielded its code before, the client is not as it was read, or the session lives no more.
-- params: session_id uuid, session_created_at timestamptz, idle_s bigint, client_id text, client_version bigint, grant_id uuid,
-- params: grant_ms bigint
-- returns: spent boolean, client_fits boolean, session_lives boolean
-- rows: one
SELECT
	EXISTS (SELECT FROM idp.authz_grant g
		WHERE g.grant_id = :grant_id AND g.created_at = idp.at_ms(:grant_ms)) AS spent,
	EXISTS (SELECT FROM idp.client c
		WHERE c.client_id = :client_id AND c.version = :client_version AND NOT c.disabled) AS client_fits,
	EXISTS (SELECT FROM idp.session s JOIN idp.citizen z ON z.citizen_id = s.subject_id
		WHERE s.session_id = :session_id AND s.created_at = :session_created_at AND s.ended_at IS NULL
			AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => :idle_s)
			AND NOT z.locked) AS session_lives
