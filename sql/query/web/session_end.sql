-- SPDX-License-Identifier: Apache-2.0
-- End one of a citizen's sessions (what: session), or all but one (what: others), and what agencies were given in them, but for
-- offline access.
-- params: what text, subject_id uuid, session_id uuid, cause text, actor_id uuid, address inet null, device text null,
-- params: user_agent text null, correlation_id text
-- returns: ended_session uuid null, ended_grant uuid null
-- rows: many
SELECT e.ended_session, e.ended_grant
FROM idp.end_access(:what, :subject_id, :session_id, NULL, NULL, true, :cause,
	ROW(:actor_id, :address, :device, :user_agent, :correlation_id)::record.context) e
