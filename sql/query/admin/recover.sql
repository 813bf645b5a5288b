-- SPDX-License-Identifier: Apache-2.0
-- End and void all that this database holds alive, and confirm it as the one to serve from.
-- params: correlation_id text
-- returns: sessions bigint, grants bigint, keys bigint
-- rows: one
SELECT sessions, grants, keys FROM idp.recover(:correlation_id)
