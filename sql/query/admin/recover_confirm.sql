-- SPDX-License-Identifier: Apache-2.0
-- Confirm this database as the one to serve from, as it is.
-- params: none
-- returns: done boolean
-- rows: one
SELECT true AS done FROM (SELECT idp.recover_confirm()) AS called
