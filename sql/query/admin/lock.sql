-- SPDX-License-Identifier: Apache-2.0
-- A lock by name, for this connection until it ends: two of the same command never work at once.
-- params: text
-- returns: got boolean
SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got
