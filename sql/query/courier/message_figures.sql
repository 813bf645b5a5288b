-- SPDX-License-Identifier: Apache-2.0
-- How many messages of a channel wait to be handed over, and how old the oldest is.
-- params: none
-- returns: channel text, n bigint, oldest_s bigint
-- rows: many
SELECT m.channel, count(*) AS n, extract(epoch FROM max(now() - m.created_at))::bigint AS oldest_s
FROM courier.message m
WHERE m.state IN ('waiting', 'claimed') AND m.expires_at > now() AND m.created_at > now() - interval '4 hours 10 minutes'
GROUP BY m.channel
