-- SPDX-License-Identifier: Apache-2.0
-- A citizen's national ID, as the vault has sealed it.
-- params: uuid, bytea
-- returns: none
INSERT INTO vault.national_id (citizen_id, sealed) VALUES ($1, $2)
ON CONFLICT (citizen_id) DO UPDATE SET sealed = $2
