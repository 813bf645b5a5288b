-- SPDX-License-Identifier: Apache-2.0
-- Whose login name it is, and what a check of the password needs: one row always, empty for a stranger's.
-- params: bytea, bytea
-- returns: citizen_id uuid, locked boolean, hash text, known_device boolean
SELECT i.citizen_id, c.locked, p.hash, d.citizen_id IS NOT NULL AS known_device
FROM (VALUES ($1)) AS asked (blind_index)
LEFT JOIN vault.identifier i ON i.blind_index = asked.blind_index
LEFT JOIN idp.citizen c ON c.citizen_id = i.citizen_id
LEFT JOIN vault.password p ON p.citizen_id = i.citizen_id
LEFT JOIN vault.device d ON d.citizen_id = i.citizen_id AND d.device_hash = $2
