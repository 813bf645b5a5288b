-- SPDX-License-Identifier: Apache-2.0
-- Who we are to the database, what time it has, and what it does to keep what it has acknowledged.
-- params: none
-- returns: role text, now_s bigint, version integer, fsync text, full_page_writes text, synchronous_commit text
-- rows: one
SELECT current_user::text AS role, extract(epoch FROM clock_timestamp())::bigint AS now_s,
	current_setting('server_version_num')::integer AS version, current_setting('fsync') AS fsync,
	current_setting('full_page_writes') AS full_page_writes,
	current_setting('synchronous_commit') AS synchronous_commit
