-- SPDX-License-Identifier: Apache-2.0
-- Claim the message of a channel that is due longest: one that waits, or one whose claim has run out before it was begun.
-- params: channel text, lease_s bigint
-- returns: message_id uuid, created_ms bigint, attempts integer, purpose text, gateway text null, epoch integer, sealed bytea null
-- returns: left_ms bigint, language text
-- rows: maybe
WITH due AS (
	SELECT m.message_id, m.created_at
	FROM courier.message m
	WHERE m.channel = :channel AND m.state IN ('waiting', 'claimed') AND m.next_at <= now() AND m.begun_at IS NULL
		AND (m.lease_until IS NULL OR m.lease_until < now())
		AND m.expires_at > now() AND m.created_at > now() - interval '4 hours 10 minutes'
	ORDER BY m.next_at
	LIMIT 1
	FOR UPDATE SKIP LOCKED
)
UPDATE courier.message m SET state = 'claimed', attempts = m.attempts + 1, lease_until = now() + :lease_s * interval '1 second'
FROM due d
WHERE m.message_id = d.message_id AND m.created_at = d.created_at
RETURNING m.message_id, (extract(epoch FROM m.created_at) * 1000)::bigint AS created_ms, m.attempts, m.purpose, m.gateway, m.epoch,
	m.sealed, (extract(epoch FROM m.expires_at - now()) * 1000)::bigint AS left_ms, m.language
