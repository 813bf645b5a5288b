-- SPDX-License-Identifier: Apache-2.0
-- Note that a message may leave from now on. No row: the claim has run out, or the message was taken back; it must not leave.
-- params: message_id uuid, created_ms bigint, attempts bigint, gateway text
-- returns: none
-- rows: none
UPDATE courier.message SET begun_at = now(), gateway = :gateway
WHERE message_id = :message_id AND created_at = to_timestamp(:created_ms / 1000.0::double precision) AND state = 'claimed'
	AND attempts = :attempts AND begun_at IS NULL AND lease_until > now() AND expires_at > now()
