-- SPDX-License-Identifier: Apache-2.0
-- A test citizen's fixed code, as the vault has hashed it: bound anew, so its counter starts anew.
-- params: uuid, bytea
-- returns: none
INSERT INTO vault.sandbox_code (citizen_id, code_hash) VALUES ($1, $2)
ON CONFLICT (citizen_id) DO UPDATE SET code_hash = $2, failures = 0
