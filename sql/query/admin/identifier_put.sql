-- SPDX-License-Identifier: Apache-2.0
-- What a citizen is found by; one of each kind.
-- params: uuid, text, bytea
-- returns: none
INSERT INTO vault.identifier (citizen_id, kind, blind_index) VALUES ($1, $2, $3)
ON CONFLICT (citizen_id, kind) DO UPDATE SET blind_index = $3
