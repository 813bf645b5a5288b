-- SPDX-License-Identifier: Apache-2.0
-- What was applied, in order.
-- params: none
-- returns: version integer, name text, sha256 bytea, applied_at text
-- rows: many
SELECT version, name, sha256,
	to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS applied_at
FROM idp.migration
ORDER BY version
