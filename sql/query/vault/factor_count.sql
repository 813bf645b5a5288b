-- SPDX-License-Identifier: Apache-2.0
-- Count a second factor's try as a failure, before it is known how it ends, in each factor that may still be
-- tried ($2: how many failures block one; $3: are sandbox codes accepted), and bring what judging it needs.
-- params: uuid, integer, boolean
-- returns: locked boolean, bound boolean, totp bytea, last_step bigint, sandbox_code bytea
WITH totp AS (
	UPDATE vault.totp SET failures = failures + 1
	WHERE citizen_id = $1 AND failures < $2
	RETURNING sealed, last_step
), sandbox AS (
	UPDATE vault.sandbox_code SET failures = failures + 1
	WHERE citizen_id = $1 AND failures < $2 AND $3
	RETURNING code_hash
)
SELECT c.locked,
	EXISTS (SELECT FROM vault.totp t WHERE t.citizen_id = $1)
		OR ($3 AND EXISTS (SELECT FROM vault.sandbox_code s WHERE s.citizen_id = $1)) AS bound,
	totp.sealed AS totp, totp.last_step, sandbox.code_hash AS sandbox_code
FROM idp.citizen c
LEFT JOIN totp ON true
LEFT JOIN sandbox ON true
WHERE c.citizen_id = $1
