-- SPDX-License-Identifier: Apache-2.0
-- Whether any migration was ever applied.
-- params: none
-- returns: there boolean
-- rows: one
SELECT to_regclass('idp.migration') IS NOT NULL AS there
