-- SPDX-License-Identifier: Apache-2.0
-- The keys of an algorithm give way to one that is active from active_from_s on: they leave the JWKS at retire_at_s, and those that
-- would have become active after it leave at once.
-- params: alg text, active_from_s bigint, retire_at_s bigint, now_s bigint
-- returns: none
-- rows: none
UPDATE vault.signing_key
SET retired_at = to_timestamp(CASE WHEN active_from > to_timestamp(:active_from_s) THEN :now_s ELSE :retire_at_s END)
WHERE alg = :alg AND retired_at IS NULL
