-- SPDX-License-Identifier: Apache-2.0
-- The name under which a client knows a citizen: `public` clients the public one, the others one of their sector, made at its first
-- use. client_fits: there is such a client of that version, and not disabled. subject_fits: the citizen is there and not locked. A NULL
-- where both fit: another made it at the same moment; asked again, it is there.
-- params: subject_id uuid, client_id text, client_version bigint
-- returns: client_fits boolean, subject_fits boolean, sub uuid null
-- rows: one
WITH client AS (
	SELECT cl.sector, cl.metadata ->> 'subject_type' = 'public' AS is_public
	FROM idp.client cl
	WHERE cl.client_id = :client_id AND cl.version = :client_version AND NOT cl.disabled
), subject AS (
	SELECT ci.citizen_id, ci.public_sub FROM idp.citizen ci WHERE ci.citizen_id = :subject_id AND NOT ci.locked
), asked AS (
	SELECT cl.sector, cl.is_public, ci.public_sub, s.sub
	FROM client cl
	CROSS JOIN subject ci
	LEFT JOIN vault.subject s ON s.citizen_id = ci.citizen_id AND s.sector = cl.sector
), made AS (
	INSERT INTO vault.subject (citizen_id, sector)
	SELECT :subject_id, a.sector FROM asked a WHERE a.sub IS NULL AND a.is_public IS NOT TRUE
	ON CONFLICT DO NOTHING
	RETURNING sub
)
SELECT EXISTS (SELECT FROM client) AS client_fits, EXISTS (SELECT FROM subject) AS subject_fits,
	(SELECT CASE WHEN a.is_public THEN a.public_sub ELSE coalesce(a.sub, (SELECT m.sub FROM made m)) END FROM asked a) AS sub
