-- SPDX-License-Identifier: Apache-2.0
-- Wait for the sessions that are being made at this moment.
-- params: none
-- returns: done boolean
-- rows: one
SELECT true AS done FROM (SELECT idp.access_settle()) AS called
