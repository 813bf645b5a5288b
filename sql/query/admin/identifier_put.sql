-- SPDX-License-Identifier: Apache-2.0
-- What a citizen is found by; one of each kind.
-- params: citizen_id uuid, kind text, blind_index bytea
-- returns: none
-- rows: none
INSERT INTO vault.identifier (citizen_id, kind, blind_index) VALUES (:citizen_id, :kind, :blind_index)
ON CONFLICT (citizen_id, kind) DO UPDATE SET blind_index = :blind_index
