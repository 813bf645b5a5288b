-- SPDX-License-Identifier: Apache-2.0
-- The name under which a client knows a citizen: `public` clients the public one, the others one of their
-- sector, made at its first use. No row: no such client, or the citizen is locked or gone. NULL: another
-- made it at the same moment; asked again, it is there.
-- params: uuid, text
-- returns: sub uuid
WITH asked AS (
	SELECT cl.sector, cl.metadata ->> 'subject_type' = 'public' AS is_public, ci.public_sub, s.sub
	FROM idp.client cl
	CROSS JOIN idp.citizen ci
	LEFT JOIN vault.subject s ON s.citizen_id = ci.citizen_id AND s.sector = cl.sector
	WHERE cl.client_id = $2 AND NOT cl.disabled AND ci.citizen_id = $1 AND NOT ci.locked
), made AS (
	INSERT INTO vault.subject (citizen_id, sector)
	SELECT $1, sector FROM asked WHERE sub IS NULL AND is_public IS NOT TRUE
	ON CONFLICT DO NOTHING
	RETURNING sub
)
SELECT CASE WHEN is_public THEN public_sub ELSE coalesce(sub, (SELECT sub FROM made)) END AS sub
FROM asked
