-- SPDX-License-Identifier: Apache-2.0
-- A right password: its row in the record.
-- params: subject_id uuid
-- params: authentication_id uuid, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: none
-- rows: none
INSERT INTO record.event (kind, outcome, subject_id, actor_id, authentication_id, client_id, session_id, address, device, user_agent,
	correlation_id)
VALUES ('password', 'ok', :subject_id, :subject_id, :authentication_id, :client_id, :session_id, :address, :device, :user_agent,
	:correlation_id)
