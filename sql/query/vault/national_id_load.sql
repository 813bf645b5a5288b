-- SPDX-License-Identifier: Apache-2.0
-- A citizen's sealed national ID.
-- params: uuid
-- returns: sealed bytea
SELECT n.sealed
FROM vault.national_id n
JOIN idp.citizen c ON c.citizen_id = n.citizen_id
WHERE n.citizen_id = $1 AND NOT c.locked
