-- SPDX-License-Identifier: Apache-2.0
-- The code that was just sent takes the place of the one before it, whose messages are taken back where they still wait; its row stands in
-- the record, and one more if it is the last that the budget allows (spent: 'hour' or 'day').
-- params: kind text, challenge_id uuid, code_hash bytea, ttl_s bigint, messages uuid[], spent text null, subject_id uuid
-- params: authentication_id uuid, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: none
-- rows: none
WITH former AS (
	UPDATE courier.message m SET state = 'expired', sealed = NULL, ended_at = clock_timestamp(), reason = 'superseded'
	FROM vault.challenge f, unnest(f.messages) AS its (message_id)
	WHERE f.authentication_id = :authentication_id AND f.kind = :kind AND f.created_at = idp.id_from(:authentication_id)
		AND m.message_id = its.message_id AND m.created_at >= idp.id_from(:authentication_id)
		AND m.state IS NOT DISTINCT FROM 'waiting' -- an "=" would have the index of what waits read instead of the key
), put AS (
	INSERT INTO vault.challenge (authentication_id, created_at, kind, challenge_id, code_hash, sent_at, expires_at, messages)
	VALUES (:authentication_id, idp.id_from(:authentication_id), :kind, :challenge_id, :code_hash, clock_timestamp(),
		clock_timestamp() + :ttl_s * interval '1 second', :messages)
	ON CONFLICT (authentication_id, kind, created_at) DO UPDATE
	SET challenge_id = excluded.challenge_id, code_hash = excluded.code_hash, sent_at = excluded.sent_at,
		expires_at = excluded.expires_at, tries = 0, messages = excluded.messages
)
INSERT INTO record.event (kind, outcome, reason, factor, subject_id, actor_id, authentication_id, client_id, session_id, address, device,
	user_agent, correlation_id)
SELECT e.kind, 'ok', e.reason, :kind, :subject_id, :subject_id, :authentication_id, :client_id, :session_id, :address, :device,
	:user_agent, :correlation_id
FROM (SELECT 'code_sent', NULL UNION ALL SELECT 'code_budget', :spent WHERE :spent IS NOT NULL) AS e (kind, reason)
