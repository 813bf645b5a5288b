-- SPDX-License-Identifier: Apache-2.0
-- The second factors that are stored of a citizen.
-- params: citizen_id uuid
-- returns: kind text, secret bytea
-- rows: many
SELECT kind, secret FROM vault.factor WHERE citizen_id = :citizen_id ORDER BY kind
