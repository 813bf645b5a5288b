-- SPDX-License-Identifier: Apache-2.0
-- What is not well with the partitions. A DEFAULT partition with rows, or none ahead, shows that housekeeping
-- does not run.
-- params: none
-- returns: found text, todo text, grave boolean
-- rows: many
WITH state AS (
	SELECT o.schema_name || '.' || o.table_name AS name, o.ahead,
		bool_or(p.from_at <= now() AND p.to_at > now()) AS covered, max(p.to_at) AS until,
		coalesce(sum(pg_relation_size(format('%I.%I', p.schema_name, p.name)::regclass))
			FILTER (WHERE p.from_at IS NULL), 0) AS strays
	FROM idp.partition_policy o
	LEFT JOIN idp.partition p USING (schema_name, table_name)
	GROUP BY o.schema_name, o.table_name, o.ahead
)
SELECT name || ' has no partition for today' AS found,
	'pratu migrate; and let the web role run, which does it every hour' AS todo, true AS grave
FROM state WHERE covered IS NOT TRUE
UNION ALL
SELECT name || ' has partitions only until ' || to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
	'pratu migrate; and let the web role run, which does it every hour', false
FROM state WHERE covered AND until < now() + ahead - interval '2 hours'
UNION ALL
SELECT name || ' has rows in its DEFAULT partition',
	'pratu migrate takes them over; if it says stuck, attach that partition by hand', false
FROM state WHERE strays > 0
UNION ALL
SELECT 'record.event has ' || count(*) || ' partitions that lack indexes to search by', 'pratu records index', false
FROM idp.partition p
WHERE p.schema_name = 'record' AND p.to_at < now() - interval '2 days'
	AND EXISTS (SELECT FROM record.index_missing(format('record.%I', p.name)::regclass, false))
HAVING count(*) > 0
