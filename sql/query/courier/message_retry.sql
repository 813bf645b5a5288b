-- SPDX-License-Identifier: Apache-2.0
-- A claim ended without the message having left: it waits for its next try.
-- params: message_id uuid, created_ms bigint, attempts bigint, gateway text null, delay_ms bigint, reason text
-- returns: none
-- rows: none
UPDATE courier.message SET state = 'waiting', lease_until = NULL, begun_at = NULL, gateway = coalesce(:gateway, gateway), reason = :reason,
	next_at = now() + :delay_ms * interval '1 millisecond'
WHERE message_id = :message_id AND created_at = to_timestamp(:created_ms / 1000.0::double precision) AND state = 'claimed'
	AND attempts = :attempts
