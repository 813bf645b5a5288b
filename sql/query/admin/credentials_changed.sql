-- SPDX-License-Identifier: Apache-2.0
-- End what was signed in, or half signed in, with credentials that were changed in this transaction: sessions, grants, known devices
-- and sign-ins on their way.
-- params: citizen_id uuid, correlation_id text
-- returns: sessions bigint, grants bigint
-- rows: one
SELECT sessions, grants
FROM vault.credentials_changed(:citizen_id, ROW(NULL, NULL, NULL, NULL, :correlation_id)::record.context)
