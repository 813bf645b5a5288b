-- SPDX-License-Identifier: Apache-2.0
-- The row of the record of a refusal about a grant that was found and is this client's.
-- params: kind text, reason text, client_id text, grant_id uuid, subject_id uuid, actor_id uuid, session_id uuid
-- params: authentication_id uuid, jti text null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: none
-- rows: none
INSERT INTO record.event (kind, outcome, reason, client_id, grant_id, subject_id, actor_id, session_id, authentication_id, jti,
	address, device, user_agent, correlation_id)
VALUES (:kind, 'refused', :reason, :client_id, :grant_id, :subject_id, :actor_id, :session_id, :authentication_id, :jti,
	:address, :device, :user_agent, :correlation_id)
