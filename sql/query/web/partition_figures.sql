-- SPDX-License-Identifier: Apache-2.0
-- Of each partitioned table how many partitions it has, and until when; the DEFAULT one is not counted. From the
-- catalogue, which every role may read.
-- params: none
-- returns: name text, partitions bigint, ends_at_s bigint
-- rows: many
SELECT n.nspname || '.' || t.relname AS name, count(b.until_at) AS partitions,
	coalesce(extract(epoch FROM max(b.until_at)), 0)::bigint AS ends_at_s
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class t ON t.relnamespace = n.oid AND t.relkind = 'p'
JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
CROSS JOIN LATERAL (SELECT (pg_catalog.regexp_match(pg_catalog.pg_get_expr(c.relpartbound, c.oid),
	'TO \(''([^'']+)''\)'))[1]::timestamptz AS until_at) b
WHERE n.nspname IN ('idp', 'vault', 'courier', 'record')
GROUP BY n.nspname, t.relname
ORDER BY 1
LIMIT 32
