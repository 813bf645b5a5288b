-- SPDX-License-Identifier: Apache-2.0
-- A lock by name, for this connection until it ends; not waited for.
-- params: name text
-- returns: got boolean
-- rows: one
SELECT pg_try_advisory_lock(hashtextextended(:name, 0)) AS got
