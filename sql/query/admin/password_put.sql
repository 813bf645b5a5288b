-- SPDX-License-Identifier: Apache-2.0
-- A citizen's password, as the vault has hashed it. What the throttle has counted stays.
-- params: citizen_id uuid, hash text
-- returns: none
-- rows: none
INSERT INTO vault.password (citizen_id, hash) VALUES (:citizen_id, :hash)
ON CONFLICT (citizen_id) DO UPDATE SET hash = :hash, updated_at = now()
