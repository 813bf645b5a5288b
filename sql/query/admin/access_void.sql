-- SPDX-License-Identifier: Apache-2.0
-- No sign-in that is under way ends in a session any more.
-- params: none
-- returns: done boolean
-- rows: one
SELECT true AS done FROM (SELECT idp.access_void()) AS called
