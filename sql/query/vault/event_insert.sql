-- SPDX-License-Identifier: Apache-2.0
-- A refusal that changes nothing but the record.
-- params: kind text, reason text, factor text null, subject_id uuid null
-- params: authentication_id uuid null, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: none
-- rows: none
INSERT INTO record.event (kind, outcome, reason, factor, subject_id, actor_id, authentication_id, client_id, session_id, address, device,
	user_agent, correlation_id)
VALUES (:kind, 'refused', :reason, :factor, :subject_id, :subject_id, :authentication_id, :client_id, :session_id, :address, :device,
	:user_agent, :correlation_id)
