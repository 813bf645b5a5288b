-- SPDX-License-Identifier: Apache-2.0
-- What was to be used once was used again, by its own client: the grant ends, and so every token of it, and the record has the
-- refusal (kind, cause) beside what idp.end_access writes.
-- params: kind text, cause text, client_id text, grant_id uuid, subject_id uuid, actor_id uuid, session_id uuid
-- params: authentication_id uuid, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: ended bigint
-- rows: one
WITH refused AS (
	INSERT INTO record.event (kind, outcome, reason, client_id, grant_id, subject_id, actor_id, session_id, authentication_id,
		address, device, user_agent, correlation_id)
	VALUES (:kind, 'refused', :cause, :client_id, :grant_id, :subject_id, :actor_id, :session_id, :authentication_id,
		:address, :device, :user_agent, :correlation_id)
)
SELECT count(*) AS ended FROM idp.end_access('grant', NULL, NULL, :grant_id, :client_id, false, :cause,
	ROW(NULL, :address, :device, :user_agent, :correlation_id)::record.context)
