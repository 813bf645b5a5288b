-- SPDX-License-Identifier: Apache-2.0
-- A citizen's TOTP seed, as the vault has sealed it: bound anew, so its counters start anew.
-- params: uuid, bytea
-- returns: none
INSERT INTO vault.totp (citizen_id, sealed) VALUES ($1, $2)
ON CONFLICT (citizen_id) DO UPDATE SET sealed = $2, last_step = 0, failures = 0, updated_at = now()
