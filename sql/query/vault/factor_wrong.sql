-- SPDX-License-Identifier: Apache-2.0
-- A code that was refused: one failure of this device in each factor that it was tried for, the block of those that have too many, and
-- its row in the record, with one more for each block. Failures that are older than 30 days no longer count.
-- params: subject_id uuid, device_hash bytea, known_device boolean, kinds text[], blocked text[]
-- params: reason text, factor text null
-- params: authentication_id uuid, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: none
-- rows: none
WITH counted AS (
	INSERT INTO vault.factor_failure AS f (citizen_id, kind, device_hash, known, failures)
	SELECT :subject_id, k.kind, :device_hash, :known_device, 1 FROM unnest(:kinds) AS k (kind)
	ON CONFLICT (citizen_id, kind, device_hash) DO UPDATE
	SET failures = CASE WHEN f.last_at > clock_timestamp() - interval '30 days' THEN f.failures + 1 ELSE 1 END,
		told = CASE WHEN f.last_at > clock_timestamp() - interval '30 days' THEN f.told ELSE 0 END,
		known = excluded.known, last_at = excluded.last_at
), blocked AS (
	UPDATE vault.factor SET blocked_at = clock_timestamp() WHERE citizen_id = :subject_id AND kind = ANY (:blocked)
)
INSERT INTO record.event (kind, outcome, reason, factor, subject_id, actor_id, authentication_id, client_id, session_id, address, device,
	user_agent, correlation_id)
SELECT e.kind, e.outcome, e.reason, e.factor, :subject_id, :subject_id, :authentication_id, :client_id, :session_id, :address, :device,
	:user_agent, :correlation_id
FROM (SELECT 'factor', 'refused', :reason, :factor
	UNION ALL SELECT 'factor_block', 'ok', 'wrong_codes', k.kind FROM unnest(:blocked) AS k (kind)) AS e (kind, outcome, reason, factor)
