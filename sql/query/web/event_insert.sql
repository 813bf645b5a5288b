-- SPDX-License-Identifier: Apache-2.0
-- One row of the record that belongs to no other change: a refusal.
-- params: kind text, outcome text, reason text null, client_id text null, subject_id uuid null, actor_id uuid null, session_id uuid null,
-- params: authentication_id uuid null, grant_id uuid null, jti text null, scope text null, acr text null, amr text[] null,
-- params: detail jsonb null, address inet null, device text null, user_agent text null, correlation_id text
-- returns: none
-- rows: none
INSERT INTO record.event (kind, outcome, reason, client_id, subject_id, actor_id, session_id, authentication_id, grant_id, jti,
	scope, acr, amr, detail, address, device, user_agent, correlation_id)
VALUES (:kind, :outcome, :reason, :client_id, :subject_id, :actor_id, :session_id, :authentication_id, :grant_id, :jti,
	:scope, :acr, :amr, :detail, :address, :device, :user_agent, :correlation_id)
