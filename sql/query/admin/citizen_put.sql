-- SPDX-License-Identifier: Apache-2.0
-- Make a citizen, or change the claims where they differ; no row: nothing to do. claims NULL leaves claims as they are.
-- params: citizen_id uuid, claims jsonb null
-- returns: created boolean
-- rows: maybe
INSERT INTO idp.citizen AS c (citizen_id, claims) VALUES (:citizen_id, coalesce(:claims, '{}'))
ON CONFLICT (citizen_id) DO UPDATE SET claims = :claims, updated_at = now()
WHERE :claims IS NOT NULL AND c.claims IS DISTINCT FROM :claims
RETURNING c.created_at = now() AS created
