-- SPDX-License-Identifier: Apache-2.0
-- A test citizen's fixed code, as the vault has hashed it: bound anew, so its counter starts anew.
-- params: citizen_id uuid, code_hash bytea
-- returns: none
-- rows: none
INSERT INTO vault.sandbox_code (citizen_id, code_hash) VALUES (:citizen_id, :code_hash)
ON CONFLICT (citizen_id) DO UPDATE SET code_hash = :code_hash, failures = 0
