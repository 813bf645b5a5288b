-- SPDX-License-Identifier: Apache-2.0
-- A right password: its row in the record. The rows are the citizen's second factors, the last used first; of those never used the app
-- first and e-mail last.
-- params: subject_id uuid
-- params: authentication_id uuid, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: kind text, secret bytea, blocked boolean
-- rows: many
WITH recorded AS (
	INSERT INTO record.event (kind, outcome, subject_id, actor_id, authentication_id, client_id, session_id, address, device, user_agent,
		correlation_id)
	VALUES ('password', 'ok', :subject_id, :subject_id, :authentication_id, :client_id, :session_id, :address, :device, :user_agent,
		:correlation_id)
)
SELECT f.kind, f.secret, f.blocked_at IS NOT NULL AS blocked
FROM vault.factor f
WHERE f.citizen_id = :subject_id
ORDER BY f.last_used_at DESC NULLS LAST, f.kind DESC
