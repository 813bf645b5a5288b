-- SPDX-License-Identifier: Apache-2.0
-- A citizen's sealed national ID; no row: none is stored, or the citizen is locked.
-- params: citizen_id uuid
-- returns: sealed bytea
-- rows: maybe
SELECT n.sealed
FROM vault.national_id n
JOIN idp.citizen c ON c.citizen_id = n.citizen_id
WHERE n.citizen_id = :citizen_id AND NOT c.locked
