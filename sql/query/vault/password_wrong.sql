-- SPDX-License-Identifier: Apache-2.0
-- A password that was refused: the delay of its bucket, and its row in the record. The bucket is locked, so failures is one more than
-- what was loaded.
-- params: bucket bytea, failures bigint, delay_s bigint, forget_s bigint, reason text, subject_id uuid null, login_hash text null
-- params: authentication_id uuid, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: none
-- rows: none
WITH counted AS (
	INSERT INTO vault.throttle AS t (bucket, failures, next_at, forget_at)
	VALUES (:bucket, :failures, clock_timestamp() + :delay_s * interval '1 second', clock_timestamp() + :forget_s * interval '1 second')
	ON CONFLICT (bucket) DO UPDATE
	SET failures = excluded.failures, next_at = excluded.next_at, forget_at = excluded.forget_at
)
INSERT INTO record.event (kind, outcome, reason, subject_id, actor_id, authentication_id, login_hash, client_id, session_id, address,
	device, user_agent, correlation_id)
VALUES ('password', 'refused', :reason, :subject_id, :subject_id, :authentication_id, :login_hash, :client_id, :session_id, :address,
	:device, :user_agent, :correlation_id)
