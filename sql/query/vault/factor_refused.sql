-- SPDX-License-Identifier: Apache-2.0
-- A second step that is refused before its code is judged: its partial ticket is spent, so that the refusal is one row in the record
-- however often it is sent.
-- params: reason text, factor text null, subject_id uuid, partial_expires_s bigint
-- params: authentication_id uuid, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: none
-- rows: none
WITH spent AS (
	INSERT INTO vault.spent_partial (partial_id, expires_at)
	VALUES (:authentication_id, to_timestamp(:partial_expires_s))
	ON CONFLICT DO NOTHING
	RETURNING partial_id
)
INSERT INTO record.event (kind, outcome, reason, factor, subject_id, actor_id, authentication_id, client_id, session_id, address, device,
	user_agent, correlation_id)
SELECT 'factor', 'refused', :reason, :factor, :subject_id, :subject_id, :authentication_id, :client_id, :session_id, :address, :device,
	:user_agent, :correlation_id
FROM spent
