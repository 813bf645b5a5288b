-- SPDX-License-Identifier: Apache-2.0
-- A sign of life.
-- params: none
-- returns: one integer
SELECT 1 AS one;
