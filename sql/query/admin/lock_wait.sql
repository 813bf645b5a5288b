-- SPDX-License-Identifier: Apache-2.0
-- A lock by name, for this connection until it ends; waited for as long as lock_timeout allows (55P03).
-- params: name text
-- returns: got boolean
-- rows: one
SELECT true AS got FROM (SELECT pg_advisory_lock(hashtextextended(:name, 0))) AS waited
