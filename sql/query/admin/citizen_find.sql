-- SPDX-License-Identifier: Apache-2.0
-- Whose id or sub this is.
-- params: citizen_id uuid
-- returns: citizen_id uuid
-- rows: maybe
SELECT citizen_id FROM idp.citizen WHERE citizen_id = :citizen_id
UNION
SELECT citizen_id FROM idp.citizen WHERE public_sub = :citizen_id
UNION
SELECT citizen_id FROM vault.subject WHERE sub = :citizen_id
LIMIT 1
