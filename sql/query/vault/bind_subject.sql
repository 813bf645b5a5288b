-- SPDX-License-Identifier: Apache-2.0
-- The name under which a client knows a citizen: `public` clients the public one, the others one of their sector, made at its first
-- use. No row: no such client of that version, or the citizen is locked or gone. NULL: another made it at the same moment; asked
-- again, it is there.
-- params: subject_id uuid, client_id text, client_version bigint
-- returns: sub uuid null
-- rows: maybe
WITH asked AS (
	SELECT cl.sector, cl.metadata ->> 'subject_type' = 'public' AS is_public, ci.public_sub, s.sub
	FROM idp.client cl
	CROSS JOIN idp.citizen ci
	LEFT JOIN vault.subject s ON s.citizen_id = ci.citizen_id AND s.sector = cl.sector
	WHERE cl.client_id = :client_id AND cl.version = :client_version AND NOT cl.disabled AND ci.citizen_id = :subject_id AND NOT ci.locked
), made AS (
	INSERT INTO vault.subject (citizen_id, sector)
	SELECT :subject_id, a.sector FROM asked a WHERE a.sub IS NULL AND a.is_public IS NOT TRUE
	ON CONFLICT DO NOTHING
	RETURNING sub
)
SELECT CASE WHEN a.is_public THEN a.public_sub ELSE coalesce(a.sub, (SELECT m.sub FROM made m)) END AS sub
FROM asked a
