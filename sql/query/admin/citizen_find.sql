-- SPDX-License-Identifier: Apache-2.0
-- Whose id or sub this is.
-- params: uuid
-- returns: citizen_id uuid
SELECT citizen_id FROM idp.citizen WHERE citizen_id = $1
UNION
SELECT citizen_id FROM idp.citizen WHERE public_sub = $1
UNION
SELECT citizen_id FROM vault.subject WHERE sub = $1
LIMIT 1
