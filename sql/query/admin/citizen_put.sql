-- SPDX-License-Identifier: Apache-2.0
-- Make a citizen, or change the claims where they differ; no row: nothing to do. $2 NULL leaves claims as they are.
-- params: uuid, jsonb
-- returns: created boolean
INSERT INTO idp.citizen AS c (citizen_id, claims) VALUES ($1, coalesce($2, '{}'))
ON CONFLICT (citizen_id) DO UPDATE SET claims = $2, updated_at = now()
WHERE $2 IS NOT NULL AND c.claims IS DISTINCT FROM $2
RETURNING c.created_at = now() AS created
