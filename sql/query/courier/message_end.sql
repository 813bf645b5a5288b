-- SPDX-License-Identifier: Apache-2.0
-- How a claim ended: number and text are wiped, and the record has a row. No row: it was ended otherwise meanwhile.
-- params: message_id uuid, created_ms bigint, attempts bigint, gateway text, state text, outcome text, reason text null
-- returns: none
-- rows: none
WITH ended AS (
	UPDATE courier.message m SET state = :state, sealed = NULL, lease_until = NULL, gateway = :gateway, reason = :reason,
		handed_over_at = CASE WHEN :state = 'handed_over' THEN now() END,
		ended_at = CASE WHEN :state IN ('failed', 'expired') THEN now() END
	WHERE m.message_id = :message_id AND m.created_at = to_timestamp(:created_ms / 1000.0::double precision) AND m.state = 'claimed'
		AND m.attempts = :attempts
	RETURNING m.*
)
INSERT INTO record.event (kind, outcome, reason, subject_id, actor_id, authentication_id, client_id, correlation_id, detail)
SELECT 'message', :outcome, :reason, e.subject_id, e.subject_id, e.authentication_id, e.client_id, e.correlation_id,
	jsonb_build_object('message_id', e.message_id, 'channel', e.channel, 'purpose', e.purpose, 'gateway', e.gateway)
FROM ended e
