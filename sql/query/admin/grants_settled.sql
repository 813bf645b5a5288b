-- SPDX-License-Identifier: Apache-2.0
-- Wait until what was storing grants is over (55P03: not within 2 s).
-- params: none
-- returns: settled boolean
-- rows: one
SELECT true AS settled FROM (SELECT idp.grants_settled()) AS waited
