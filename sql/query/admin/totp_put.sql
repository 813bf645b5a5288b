-- SPDX-License-Identifier: Apache-2.0
-- A citizen's TOTP seed, as the vault has sealed it: bound anew, so its counters start anew.
-- params: citizen_id uuid, sealed bytea
-- returns: none
-- rows: none
INSERT INTO vault.totp (citizen_id, sealed) VALUES (:citizen_id, :sealed)
ON CONFLICT (citizen_id) DO UPDATE SET sealed = :sealed, last_step = 0, failures = 0, updated_at = now()
