-- SPDX-License-Identifier: Apache-2.0
-- The moment that a backup shows: a snapshot for pg_dump to use while this transaction lasts, its time and place.
-- params: none
-- returns: snapshot text, at text, lsn text, database text, system_identifier text, server_version text
-- rows: one
SELECT pg_export_snapshot() AS snapshot, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
	(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn,
	current_database()::text AS database, (SELECT c.system_identifier FROM pg_control_system() c)::text AS system_identifier,
	current_setting('server_version') AS server_version
