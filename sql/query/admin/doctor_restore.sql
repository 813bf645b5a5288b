-- SPDX-License-Identifier: Apache-2.0
-- What tells that this database is not, or may not be, as the roles left it; and since when it is confirmed.
-- params: none
-- returns: fault boolean, found text, todo text null
-- rows: many
SELECT o.fault, o.found, o.todo
FROM idp.instance i CROSS JOIN pg_control_system() c CROSS JOIN LATERAL (
	VALUES (1, i.system_identifier = 0, true, 'pratu recover has begun and has not ended, so that no role uses this database',
		'run it again'),
	(2, i.system_identifier <> 0 AND (i.system_identifier <> c.system_identifier OR i.database_oid <> idp.database_here()
		OR i.table_oid <> i.tableoid), true,
		'it was restored or copied from another one: what has ended since that was made is alive in it, so that no role uses it',
		'stop the roles; pratu recover --to TIME, the moment that it shows; with --nothing-lost if nothing was written to the '
		'other one since (pg_upgrade, a move to another server)'),
	(3, i.system_identifier = c.system_identifier AND i.timeline <> idp.timeline_here(), false,
		format('its timeline is %s, and was %s when it was confirmed: after a restore from WAL, or a fail-over that lost '
			'something, what has ended since is alive again', idp.timeline_here(), i.timeline),
		'then stop the roles and run pratu recover --to TIME; if nothing was lost: pratu recover --nothing-lost'),
	(4, true, false, 'confirmed at ' || to_char(i.confirmed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), NULL)
) AS o (number, here, fault, found, todo)
WHERE o.here
ORDER BY o.number LIMIT 1
