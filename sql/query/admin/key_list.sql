-- SPDX-License-Identifier: Apache-2.0
-- The signing keys that are in the JWKS, and those that were.
-- params: none
-- returns: kid text, alg text, state text, created_at text, active_from text, retired_at text null
-- rows: many
SELECT kid, alg,
	CASE WHEN retired_at <= now() THEN 'retired'
		WHEN signs_since IS NULL THEN 'next'
		WHEN retired_at IS NULL AND signs_since = max(signs_since) OVER (PARTITION BY alg) THEN 'current'
		ELSE 'retiring' END AS state,
	to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
	to_char(coalesce(signs_since, active_from) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS active_from,
	to_char(retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
FROM vault.signing_key
ORDER BY alg, vault.signing_key.created_at, kid
