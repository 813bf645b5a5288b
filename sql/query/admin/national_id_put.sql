-- SPDX-License-Identifier: Apache-2.0
-- A citizen's national ID, as the vault has sealed it.
-- params: citizen_id uuid, sealed bytea
-- returns: none
-- rows: none
INSERT INTO vault.national_id (citizen_id, sealed) VALUES (:citizen_id, :sealed)
ON CONFLICT (citizen_id) DO UPDATE SET sealed = :sealed
