-- SPDX-License-Identifier: Apache-2.0
-- Count a message that is about to be sent: what there was before it (milliseconds ago; -1: none), and what the client is called. Whoever
-- decides against the message rolls back. targets: one or two, sorted.
-- params: targets bytea[], address bytea null, range_key bytea null, client_id text null
-- returns: last_ms bigint, nth_ms bigint, other_last_ms bigint, other_nth_ms bigint, by_address bigint, by_range bigint, by_day bigint,
-- returns: by_hour bigint, name text null, name_th text null, name_en text null
-- rows: one
SELECT n.last_ms, n.nth_ms, n.other_last_ms, n.other_nth_ms, n.by_address, n.by_range, n.by_day, n.by_hour,
	c.metadata ->> 'client_name' AS name, c.metadata ->> 'client_name#th' AS name_th, c.metadata ->> 'client_name#en' AS name_en
FROM vault.challenge_count(:targets, :address, :range_key) n
LEFT JOIN idp.client c ON c.client_id = :client_id
