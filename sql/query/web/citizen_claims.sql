-- SPDX-License-Identifier: Apache-2.0
-- What the pages may say of a citizen to that citizen.
-- params: uuid
-- returns: claims jsonb
SELECT claims FROM idp.citizen WHERE citizen_id = $1
