-- SPDX-License-Identifier: Apache-2.0
-- Citizens in the order of their ids, after one (NULL: from the first), at most `limit`.
-- params: after uuid null, limit integer
-- returns: citizen_id uuid, name text null, locked boolean, created_at text
-- rows: many
SELECT citizen_id, claims ->> 'name' AS name, locked,
	to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at
FROM idp.citizen
WHERE citizen_id > coalesce(:after, '00000000-0000-0000-0000-000000000000')
ORDER BY citizen_id
LIMIT :limit
