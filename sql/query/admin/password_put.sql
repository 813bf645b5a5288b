-- SPDX-License-Identifier: Apache-2.0
-- A citizen's password, as the vault has hashed it. What the throttle has counted stays.
-- params: uuid, text
-- returns: none
INSERT INTO vault.password (citizen_id, hash) VALUES ($1, $2)
ON CONFLICT (citizen_id) DO UPDATE SET hash = $2, updated_at = now()
