-- SPDX-License-Identifier: Apache-2.0
-- What is to be known before a recovery to a time (NULL: nothing was lost): that time and now, whether it has not come yet, the newest
-- row of the record and whether that is later, how many connections serve, and whether this is a standby.
-- params: to_at timestamptz null
-- returns: to_at text null, now_at text, future boolean, newest_at text null, newer boolean, serving bigint, standby boolean
-- rows: one
SELECT to_char(:to_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS to_at,
	to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now_at,
	coalesce(:to_at > clock_timestamp(), false) AS future,
	to_char(e.newest AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS newest_at,
	coalesce(e.newest > :to_at + interval '1 second', false) AS newer,
	idp.serving() AS serving, pg_is_in_recovery() AS standby
FROM (SELECT max(at) AS newest FROM record.event) e
