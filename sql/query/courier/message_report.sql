-- SPDX-License-Identifier: Apache-2.0
-- What a gateway reports of a message that was given to it: delivered or failed. It may be faster than the row that says it was handed
-- over. No row: there is no such message, or its end is known already.
-- params: message_id uuid, created_ms bigint, state text, reason text null
-- returns: channel text, purpose text
-- rows: maybe
WITH ended AS (
	UPDATE courier.message m SET state = :state, sealed = NULL, lease_until = NULL, reason = :reason, ended_at = now(),
		handed_over_at = coalesce(m.handed_over_at, m.begun_at)
	WHERE m.message_id = :message_id AND m.created_at = to_timestamp(:created_ms / 1000.0::double precision)
		AND (m.state IN ('handed_over', 'unknown') OR (m.state = 'claimed' AND m.begun_at IS NOT NULL))
	RETURNING m.*
), recorded AS (
	INSERT INTO record.event (kind, outcome, reason, subject_id, actor_id, authentication_id, client_id, correlation_id, detail)
	SELECT 'message', :state, :reason, e.subject_id, e.subject_id, e.authentication_id, e.client_id, e.correlation_id,
		jsonb_build_object('message_id', e.message_id, 'channel', e.channel, 'purpose', e.purpose, 'gateway', e.gateway)
	FROM ended e
)
SELECT e.channel, e.purpose FROM ended e
